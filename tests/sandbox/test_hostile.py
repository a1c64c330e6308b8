"""Programs that mean harm end as their contract says, and leave nothing behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.base import Execution, FunctionCheck, Limits
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from tests.sandbox.attempt import TIMES, Hostile
from tests.sandbox.hostile import HOSTILE

LIMITS = Limits(wall_seconds=20.0, cpu_seconds=1)  # a slow machine changes no outcome
TEST = "assert f(3) == 9"
HONEST = FunctionCheck("def f(x):\n    return x * x\n", "f", TEST)
KNOW_THE_USER = [item for item in HOSTILE if "RLIMIT_CPU" not in item.layer and item.layer != "wall clock"]
ORDINARY_USER = """
import concurrent.futures.thread, json, os, pyseccomp, sys
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.policy import jail_texts
from tests.sandbox.test_hostile import KNOW_THE_USER, run_hostile
jail_texts()  # read now: the user it becomes need not be able to read this checkout
os.setgroups([]), os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534)
Bubblewrap().check()
ends = [run_hostile(hostile) for hostile in KNOW_THE_USER]
close_jails()
print(json.dumps([end.outcome for end in ends]))
"""


@pytest.fixture(scope="module", autouse=True)
def jails(sandbox: Bubblewrap) -> Iterator[None]:
    close_jails()
    before = set(psutil.Process().children(recursive=True))
    yield
    close_jails()
    assert set(psutil.Process().children(recursive=True)) <= before


def check(hostile: Hostile) -> FunctionCheck:
    return FunctionCheck(hostile.source, "f", TEST)


def run_hostile(hostile: Hostile) -> Execution:
    waits = hostile.allowed == (Outcome.TIMEOUT,)
    limits = replace(LIMITS, wall_seconds=1.5) if waits else LIMITS
    return Bubblewrap().run_checks([check(hostile)], limits)[0]


def run(*checks: FunctionCheck) -> list[Execution]:
    return Bubblewrap().run_checks(checks, LIMITS)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: str(hostile.name))
def test_a_hostile_program_ends_as_its_contract_says(hostile: Hostile) -> None:
    end = run_hostile(hostile)
    assert end.outcome in hostile.allowed, f"{end}, stopped by: {hostile.layer}"
    assert len(end.detail) <= 300


@pytest.mark.parametrize("hostile", [item for item in HOSTILE if item.free], ids=lambda item: str(item.name))
def test_the_same_attempt_succeeds_without_a_sandbox(hostile: Hostile, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    source = hostile.source.replace("/tmp/", f"{tmp_path}/")  # nothing is left outside
    program.write_text(f"{source}\nassert f(3) == 9\n")
    environment = {"PATH": os.environ["PATH"], "PLANTED": "seen"}
    command = [sys.executable, str(program)]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True, timeout=60)


def test_an_honest_program_between_hostile_ones_is_judged_right() -> None:
    quick = [item for item in HOSTILE if not set(TIMES) & set(item.allowed)][:8]
    checks = [one for item in quick for one in (check(item), HONEST)]
    assert {end.outcome for end in run(*checks)[1::2]} == {Outcome.PASSED}


def test_no_program_sees_what_another_left() -> None:
    by_name = {item.name: check(item) for item in HOSTILE}
    left, found = run(by_name["leave something for the next"], by_name["find what another left"])
    assert (left.outcome, found.outcome) == (Outcome.PASSED, Outcome.FAILED)


def test_a_planted_secret_of_our_environment_is_not_in_the_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    close_jails()
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "planted")
    source = "import os\ndef f(x):\n    return sorted(os.environ)\n"
    test = "names = f(3)\nassert 'PATH' in names and 'MLFLOW_TRACKING_PASSWORD' not in names, names"
    assert run(FunctionCheck(source, "f", test))[0].outcome is Outcome.PASSED


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran as an ordinary user")
def test_all_that_no_clock_ends_end_the_same_way_for_an_ordinary_user() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", ORDINARY_USER]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for hostile, outcome in zip(KNOW_THE_USER, json.loads(done.stdout), strict=True):
        assert Outcome(outcome) in hostile.allowed, hostile.name

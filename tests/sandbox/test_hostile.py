"""Programs that mean harm end as their contract says, reach nothing that is planted, and leave nothing."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from tests.sandbox import ordinary_user
from tests.sandbox.bait import Bait, planted
from tests.sandbox.suite import FOLDER, SUITE, Hostile, read

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
NEEDS = {"c_program": "gcc", "java_function": "jlink", "java_program": "jlink"}


@pytest.fixture(scope="module")
def bait(sandbox: Bubblewrap) -> Iterator[Bait]:
    """Planted before the first jail starts, so that each could see the secret."""
    close_jails()
    before = set(psutil.Process().children(recursive=True))
    with planted() as made:
        yield made
    close_jails()
    assert set(psutil.Process().children(recursive=True)) <= before


def survivors() -> list[str]:
    """Names of processes that are left of a check.

    A jail is bwrap, its init, and the zygote; Java's compiler is one more process of a jail, and stays.
    """
    jails: dict[int, int] = {}  # process: outermost bwrap
    inside: dict[int, list[psutil.Process]] = {}
    for process in psutil.Process().children(recursive=True):  # parents come first
        jail = jails[process.pid] = jails.get(process.ppid(), process.pid)
        inside.setdefault(jail, []).append(process)
    confined = [processes[3:] for processes in inside.values() if processes[0].name() == "bwrap"]
    hosts = [any("astraios.Host" in process.cmdline() for process in processes) for processes in confined]
    return [p.name() for processes, host in zip(confined, hosts, strict=True) if not host for p in processes]


@pytest.mark.parametrize("hostile", SUITE, ids=str)
def test_a_hostile_program_ends_as_its_contract_says(hostile: Hostile, bait: Bait) -> None:
    needed = NEEDS.get(hostile.kind)
    if needed and shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")
    if hostile.slow and not ALL:
        pytest.skip("takes long; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
    (end,) = Bubblewrap().run_checks([hostile.check(bait.fill(hostile.source))], hostile.limits)
    assert end.outcome in hostile.allowed, f"{end}, stopped by: {hostile.layer}"
    assert len(end.detail) <= 300
    assert bait.secret not in f"{end.detail} {end.output}"
    assert bait.taken() == []
    assert survivors() == []


def test_there_are_programs_of_every_kind() -> None:
    kinds = [hostile.kind for hostile in SUITE]
    least = {
        "python_function": 150,
        "python_program": 40,
        "c_program": 45,
        "java_function": 55,
        "java_program": 5,
    }
    assert {kind: kinds.count(kind) >= count for kind, count in least.items()} == dict.fromkeys(
        set(kinds), True
    )


def test_only_honest_answers_may_pass() -> None:
    for hostile in SUITE:
        if Outcome.PASSED in hostile.allowed and "control" not in hostile.name:
            assert "x * x" in hostile.source or "print(9)" in hostile.source, hostile


@pytest.mark.parametrize("line", ["# layer: ", "# allowed: nothing", "# twin: yes"])
def test_a_file_without_a_contract_is_an_error(line: str, tmp_path: Path) -> None:
    key = line.split(":")[0]
    text = (FOLDER / "python_function" / "fork.py").read_text().splitlines()
    (tmp_path / "fork.py").write_text("\n".join(line if one.startswith(key) else one for one in text))
    with pytest.raises(ValueError, match=r"fork\.py: expected|is not a valid Outcome"):
        read(tmp_path / "fork.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran as an ordinary user")
def test_an_ordinary_user_is_as_safe(sandbox: Bubblewrap) -> None:
    command = [sys.executable, "-m", ordinary_user.__name__]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert said["taken"] == []
    wrong = {
        str(hostile): outcome
        for hostile, outcome in zip(ordinary_user.PROGRAMS, said["outcomes"], strict=True)
        if Outcome(outcome) not in hostile.allowed
    }
    assert wrong == {}

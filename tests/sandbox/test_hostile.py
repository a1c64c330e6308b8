"""Hostile programs end as their contract says, reach no planted target, and leave no process."""

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
from astraios_ray.sandbox.choose import packages_here
from tests.sandbox import ordinary_user
from tests.sandbox.bait import Bait, planted
from tests.sandbox.suite import FOLDER, SUITE, Hostile, is_sampled, read

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
NEEDS = {
    "c_program": "gcc",
    "java_function": "jlink",
    "java_program": "jlink",
    "cpp_function": "g++",
    "js_function": "node",
    "go_function": "go",
    "rust_function": "rustc",
}


@pytest.fixture(scope="module")
def bait(sandbox: Bubblewrap) -> Iterator[Bait]:
    """Targets that are planted before the first jail starts, so that the jail could see the secret."""
    close_jails()
    processes = set(psutil.Process().children(recursive=True))
    with planted() as planted_bait:
        yield planted_bait
    close_jails()
    assert set(psutil.Process().children(recursive=True)) <= processes


def survivors() -> list[str]:
    """Names of processes that outlive a check.

    A jail is bwrap, its init and the zygote. A jail of Java's compiler has one more process, which stays.
    """
    jails: dict[int, int] = {}  # the outermost bwrap of each process
    inside: dict[int, list[psutil.Process]] = {}
    for process in psutil.Process().children(recursive=True):  # parents come first
        jail = jails[process.pid] = jails.get(process.ppid(), process.pid)
        inside.setdefault(jail, []).append(process)
    confined = [processes[3:] for processes in inside.values() if processes[0].name() == "bwrap"]
    hosts = [any("astraios.Host" in process.cmdline() for process in processes) for processes in confined]
    return [p.name() for processes, host in zip(confined, hosts, strict=True) if not host for p in processes]


@pytest.mark.parametrize("hostile", SUITE, ids=str)
def test_a_hostile_program_ends_as_its_contract_says(hostile: Hostile, bait: Bait) -> None:
    compiler = NEEDS.get(hostile.kind)
    if compiler and shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    if not ALL and (hostile.slow or not is_sampled(hostile)):
        pytest.skip("takes long; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
    with_packages = Bubblewrap(packages=packages_here())
    (end,) = with_packages.run_checks([hostile.check(bait.fill(hostile.source))], hostile.limits)
    assert end.outcome in hostile.allowed, f"{end}, stopped by: {hostile.layer}"
    assert len(end.detail) <= 300
    assert bait.secret not in f"{end.detail} {end.output}"
    assert bait.reached() == []
    assert survivors() == []


def test_there_are_programs_of_every_kind() -> None:
    kinds = [hostile.kind for hostile in SUITE]
    least = {
        "python_function": 150,
        "python_program": 40,
        "c_program": 45,
        "java_function": 55,
        "java_program": 5,
        "cpp_function": 40,
        "js_function": 40,
        "go_function": 30,
        "rust_function": 30,
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
    (tmp_path / "fork.py").write_text(
        "\n".join(line if old_line.startswith(key) else old_line for old_line in text)
    )
    with pytest.raises(ValueError, match=r"fork\.py: expected|is not a valid Outcome"):
        read(tmp_path / "fork.py")


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran as an ordinary user")
def test_an_ordinary_user_is_as_safe(sandbox: Bubblewrap) -> None:
    command = [sys.executable, "-m", ordinary_user.__name__]
    root = Path(__file__).parents[2]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=600, check=False)
    assert process.returncode == 0, process.stderr[-3000:]
    report = json.loads(process.stdout)
    assert report["taken"] == []
    wrong = {
        str(hostile): outcome
        for hostile, outcome in zip(ordinary_user.PROGRAMS, report["outcomes"], strict=True)
        if Outcome(outcome) not in hostile.allowed
    }
    assert wrong == {}

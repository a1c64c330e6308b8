"""Hostile programs in any order leave nothing: no process, descriptor, file, control group or memory."""

import os
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.protocol import Limits
from tests.sandbox.bait import Bait, planted
from tests.sandbox.suite import SUITE, Hostile

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
ROUNDS, SHARE = (20, 1) if ALL else (2, 2)
QUICK = [hostile for hostile in SUITE if hostile.quick and hostile.kind.startswith("python")]
GROUPS = Path("/sys/fs/cgroup")


@pytest.fixture(scope="module")
def bait(sandbox: Bubblewrap) -> Iterator[Bait]:
    close_jails()
    with planted() as planted_bait:
        yield planted_bait
    close_jails()


def run(programs: list[Hostile], bait: Bait) -> list[Outcome]:
    """The outcomes of all programs, one after another in one jail."""
    outcomes = []
    for hostile in programs:
        checks = [hostile.check(bait.fill(hostile.source))]
        outcomes += [
            end.outcome for end in Bubblewrap(checks_per_jail=10**6).run_checks(checks, hostile.limits)
        ]
    return outcomes


def zygotes() -> list[psutil.Process]:
    """The zygote of each jail, which is bwrap, its init and the zygote."""
    jails = [child for child in psutil.Process().children() if child.name() == "bwrap"]
    return [jail.children(recursive=True)[1] for jail in jails]


def open_kinds() -> Counter[str]:
    """How many files, sockets and pipes this process has open, by kind or path."""
    links = (Path("/proc/self/fd") / number for number in os.listdir("/proc/self/fd"))
    return Counter(re.sub(r"\d+", "", os.readlink(link)) for link in links if link.is_symlink())


def files_of_ours() -> set[str]:
    """Files that programs could leave: temporary files, shared memory, control groups."""
    places = [Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"), Path("/")]
    files = {str(path) for place in places for path in place.glob("*") if _ours(path)}
    pattern = f"astraios-ray-{os.getpid()}-*"
    return files | {
        str(path) for level in ("*", "*/*", "*/*/*") for path in GROUPS.glob(f"{level}/{pattern}")
    }


def _ours(path: Path) -> bool:
    return any(word in path.name for word in ("astraios-canary", "jail", "job", "left"))


def test_any_order_leaves_nothing(bait: Bait) -> None:
    shuffled, warm = random.Random(0), QUICK[:40]
    run(warm, bait)  # makes everything that is made only once
    (zygote,) = zygotes()
    memory, descriptors, files = zygote.memory_info().rss, zygote.num_fds(), files_of_ours()
    kinds = []  # of this process's descriptors, after each round
    for _ in range(ROUNDS):
        programs = shuffled.sample(QUICK, len(QUICK) // SHARE)
        outcomes = run(programs, bait)
        wrong = {
            str(hostile): outcome
            for hostile, outcome in zip(programs, outcomes, strict=True)
            if outcome not in hostile.allowed
        }
        assert wrong == {}
        kinds.append(open_kinds())
    assert zygotes() == [zygote], "the jail was replaced: something broke it"
    assert zygote.children() == []
    assert kinds[-1] == kinds[-2]  # what a program leaves grows with each round
    assert zygote.num_fds() == descriptors
    assert abs(zygote.memory_info().rss / memory - 1) < 0.05
    assert files_of_ours() == files
    close_jails()
    assert not any(process.is_running() for process in [zygote])


@pytest.mark.skipif(not ALL, reason="takes minutes; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
def test_any_order_of_every_language_leaves_nothing(bait: Bait) -> None:
    quick = [hostile for hostile in SUITE if hostile.quick]
    run(quick[::5], bait)
    descriptors, files = psutil.Process().num_fds(), files_of_ours()
    for seed in range(3):
        programs = random.Random(seed).sample(quick, len(quick))
        assert all(
            outcome in hostile.allowed for hostile, outcome in zip(programs, run(programs, bait), strict=True)
        )
    assert psutil.Process().num_fds() == descriptors
    close_jails()
    assert files_of_ours() <= files


@pytest.mark.parametrize("kind", ["python_function", "python_program", "c_program"])
def test_an_honest_program_beside_two_hostile_ones_is_judged_right(kind: str, bait: Bait) -> None:
    if kind == "c_program" and shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    by_name = {hostile.name: hostile for hostile in SUITE if hostile.kind == kind}
    check = {name: hostile.check(bait.fill(hostile.source)) for name, hostile in by_name.items()}
    patient = Limits(wall_seconds=30.0)
    with ThreadPoolExecutor(2) as threads:
        beside = [
            threads.submit(Bubblewrap().run_checks, [check[name]] * 2, replace(patient, wall_seconds=0.7))
            for name in ("fork_bomb", "memory_bomb")
        ]
        honest = Bubblewrap().run_checks([check["control_right"], check["control_wrong"]] * 3, patient)
    assert [end.outcome for end in honest] == [Outcome.PASSED, Outcome.FAILED] * 3
    assert all(end.outcome is not Outcome.PASSED for work in beside for end in work.result())

"""The fork of a jail's process, in every Python of this machine that can run in a jail."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from astraios_ray.sandbox.jail import confine
from astraios_ray.sandbox.jail.levels import Namespaces
from astraios_ray.sandbox.jail.spawn import Spawner
from astraios_ray.sandbox.policy import jail_archive
from astraios_ray.sandbox.protocol import Limits

FORKS = """
import os, sys
from astraios_ray.sandbox.jail.confine import fork_into_namespaces
for _ in range(3):
    child = fork_into_namespaces(())
    if child == 0:
        import json  # the lock of imports is not held by who is no more
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
import csv
"""


@pytest.mark.parametrize("minor", range(11, 16))
def test_a_fork_leaves_both_processes_whole(tmp_path: Path, minor: int) -> None:
    python = shutil.which(f"python3.{minor}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no Python 3.{minor}")
    archive = tmp_path / "jail.zip"
    archive.write_bytes(jail_archive())
    process = subprocess.run(
        [python, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(archive)!r})\n{FORKS}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_the_first_step_that_fails_is_named_and_ends_the_others() -> None:
    taken: list[int] = []
    close = ctypes.CDLL(None, use_errno=True).close
    with pytest.raises(OSError, match="close: Bad file descriptor"):
        confine.take([(taken.append, (1,)), (close, (-1,)), (taken.append, (2,))])
    assert taken == [1]


def test_the_steps_of_equal_limits_are_made_once() -> None:
    spawner = Spawner(
        Namespaces(confine.ALL), {"function": confine.Filter(bytes(8))}, closes_descriptors=True
    )
    steps = [spawner._steps_of(Limits(cpu_seconds=seconds).numbers(), "function") for seconds in (3, 3, 4)]
    assert steps[0] is steps[1]
    assert steps[0] != steps[2]

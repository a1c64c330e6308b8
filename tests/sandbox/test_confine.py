"""The fork of a jail's process, in every Python of this machine that can run in a jail."""

import shutil
import subprocess
from pathlib import Path

import pytest

from astraios_ray.sandbox.policy import jail_archive

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

"""One search in a process of its own, in which a write fails. The process that forks has imported all."""

import json
import os
import sys
from multiprocessing import get_context
from pathlib import Path

from astraios_ray import disk_room
from astraios_ray.cli.main import main
from astraios_ray.evaluation.loading import load_problems
from astraios_ray.sandbox.choose import packages_here
from astraios_ray.search import local_backend, tuner
from astraios_ray.studies import session
from tests.faults.failing_writes import FailingWrites

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__])
NO_CALL = 10**9
WAIT = 300.0  # seconds
load_problems("primer")
packages_here()
__all__ = ["local_backend", "search_with_fault", "session"]


def search_with_fault(study: Path, folder: Path, number: int = NO_CALL, code: int = 0) -> tuple[int, str]:
    """Search with the run folder ``folder``/runs; the exit code and what was printed.

    The call ``number`` that writes there fails with ``code``. ``folder``/calls.json lists all calls.
    """
    folder.mkdir(exist_ok=True)
    process = FORKS.Process(target=_search, args=(study, folder, number, code))
    process.start()
    process.join(WAIT)
    assert process.exitcode is not None, "the search hangs"
    return process.exitcode, (folder / "log").read_text()


def _search(study: Path, folder: Path, number: int, code: int) -> None:
    os.chdir(folder)
    log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    disk_room.SECONDS_BETWEEN = 0.01
    tuner.STATUS_SECONDS = 1e9  # else the number of calls depends on the time
    faults = FailingWrites(folder / "runs", number, code)
    try:
        main(["search", str(study), "--backend", "local", "--json"])
    finally:
        sys.stdout.flush()
        (folder / "calls.json").write_text(json.dumps(faults.calls))

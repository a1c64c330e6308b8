"""One search in a process of its own, in which a write fails."""

import json
import sys
from pathlib import Path

from tests.faults.failing_writes import FailingWrites
from tests.faults.warm_search import begin

NO_CALL = 10**9
WAIT = 300.0  # seconds


def search_with_fault(study: Path, folder: Path, number: int = NO_CALL, code: int = 0) -> tuple[int, str]:
    """Search with the run folder ``folder``/runs; the exit code and what was printed.

    The call ``number`` that writes there fails with ``code``. ``folder``/calls.json lists all calls.
    """
    folder.mkdir(exist_ok=True)
    (folder / "log").unlink(missing_ok=True)
    process = begin(folder, _search, study, folder, number, code)
    process.join(WAIT)
    assert process.exitcode is not None, "the search hangs"
    return process.exitcode, (folder / "log").read_text()


def _search(study: Path, folder: Path, number: int, code: int) -> None:
    from astraios_ray import disk_room
    from astraios_ray.cli.main import main
    from astraios_ray.search import tuner

    disk_room.SECONDS_BETWEEN = 0.01
    tuner.STATUS_SECONDS = 1e9  # else the number of calls depends on the time
    faults = FailingWrites(folder / "runs", number, code)
    try:
        main(["search", str(study), "--backend", "local", "--json"])
    finally:
        sys.stdout.flush()
        (folder / "calls.json").write_text(json.dumps(faults.calls))

"""Run folders of a small study in three states, damage to their files, and searches that go on with them."""

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astraios_ray.search.journal import Journal
from tests.faults.warm_search import begin

STUDY = Path(__file__).with_name("small_study.yaml")
SEARCH = ("search", str(STUDY), "--backend", "local", "--json")
STATES = {"training": ("train_report", 5), "scoring": ("scored", 1), "finished": ("none", 0)}
KILLED = 9  # exit code
WAIT = 600.0  # seconds that a search may take
TIMED = re.compile(r"seconds|memory|load")  # of a metric: another run has another value


@dataclass(frozen=True)
class Outcome:
    """How a search ended."""

    code: int | None
    log: str


def run_in(place: Path, words: Sequence[str] = SEARCH, dies_at: tuple[str, int] = ("none", 0)) -> Outcome:
    """Run a command in ``place``; killed where its journal has the n-th record of a kind from it."""
    log = place / "log"
    log.unlink(missing_ok=True)
    process = begin(place, _run, words, dies_at)
    process.join(WAIT)
    if process.is_alive():
        process.kill()
        raise TimeoutError(log.read_text())
    return Outcome(process.exitcode, log.read_text())


def _run(words: Sequence[str], dies_at: tuple[str, int]) -> None:
    from astraios_ray.cli.main import main
    from astraios_ray.report.render import page

    page.pictures = lambda board: {}  # drawing takes most of the time, and reads nothing
    _die_at(*dies_at)
    main(words)


def _die_at(last_kind: str, count: int) -> None:
    write, written = Journal.write, list[str]()

    def dying_write(self: Journal, kind: str, **content: Any) -> None:
        write(self, kind, **content)
        written.append(kind)
        if kind == last_kind and written.count(kind) == count:
            _wait_for_tracking(self.path.parent)
            os._exit(KILLED)

    Journal.write = dying_write  # type: ignore[method-assign]  # of this process, which dies in it


def _wait_for_tracking(run: Path) -> None:
    """Wait until MLflow has all events, so that all its files are in the run folder."""
    until, spool = time.monotonic() + WAIT, run / "spool"
    while time.monotonic() < until:
        offsets = [json.loads(path.read_text())["offset"] for path in spool.glob("acknowledged-*.json")]
        if offsets == [(spool / "events.jsonl").stat().st_size]:
            return
        time.sleep(0.05)


def metrics_in(run: Path) -> Mapping[tuple[str, str, int], float]:
    """The values in MLflow's database, by the name of the run, the metric and the step."""
    query = (
        "SELECT runs.name, metrics.key, metrics.step, metrics.value FROM metrics JOIN runs USING (run_uuid) "
        "WHERE runs.lifecycle_stage = 'active'"
    )
    with closing(sqlite3.connect(run / "mlflow.db")) as database:
        rows = database.execute(query).fetchall()
    return {(run, key, step): value for run, key, step, value in rows if not TIMED.search(key)}


def copy_of(run: Path, place: Path) -> Path:
    """A copy of the run folder, found from ``place`` by the same command."""
    copy = place / "runs" / run.name
    shutil.copytree(run, copy)
    return copy


def cut(path: Path) -> None:
    """Lose the second half."""
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    """Change a bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x41
    path.write_bytes(content)


def empty(path: Path) -> None:
    """Lose the whole content."""
    os.truncate(path, 0)


def delete(path: Path) -> None:
    """Lose the file."""
    path.unlink()


def append(path: Path) -> None:
    """Gain bytes that are no text and end in an unfinished line."""
    with path.open("ab") as file:
        file.write(b"\x00\xff garbage \n more")


DAMAGES: tuple[Callable[[Path], None], ...] = (cut, flip, empty, delete, append)

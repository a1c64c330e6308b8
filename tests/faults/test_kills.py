"""A search that is killed without warning, again and again, ends as if nothing had happened.

Half of the kills come at random times, half right at an event. All but the last of a chain's sessions are
killed. `make test-faults` makes all chains, other runs a short one of each backend.
"""

import os
import random
import signal
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest

from tests.faults.moments import Moment, after, phase, recorded, written
from tests.faults.orphans import orphans_adopted
from tests.faults.search_end import SearchEnd, check_mlflow, search_end
from tests.faults.small_studies import NINE_TRIALS
from tests.faults.warm_search import begin_search

LONG = bool(os.environ.get("ASTRAIOS_RAY_FAULT_TESTS"))
WAIT = 600.0  # seconds that any session may take
EVENTS = {  # in the order in which they come
    "local": (
        written("journal.jsonl"),
        written(".mlflow-database-*"),
        written("trials/*/.checkpoint-*"),
        recorded("train_report"),
        recorded("train_report", 3),
        recorded("ended"),
        phase("evaluate"),
        recorded("scored"),
        recorded("scored"),
        written("mlflow.db"),
        recorded("done"),
        written("leaderboard.json"),  # the first file of a report
        written("spool/acknowledged-*"),
    ),
    "ray": (recorded("train_report", 2), recorded("scored")),
}
LATEST = {"local": 1.5, "ray": 15.0}  # seconds after its start at which a random kill may come
CHAINS = {"local": 4, "ray": 5}
SHORT = {"local": slice(3, None, 5), "ray": slice(1, 2)}  # the moments of the short form
CASES = {f"SIGKILL of a search, {backend}": 2 * len(EVENTS[backend]) * CHAINS[backend] for backend in EVENTS}


def moments(backend: str, seed: int) -> list[Moment]:
    """One at random before each event."""
    chance = random.Random(seed)
    at_random = [after(chance.uniform(0.1, LATEST[backend])) for _ in EVENTS[backend]]
    pairs = zip(at_random, EVENTS[backend], strict=True)
    return list(chain.from_iterable(pairs))[slice(None) if LONG else SHORT[backend]]


class Searches:
    """The sessions of one study, by one and the same command."""

    def __init__(self, words: Sequence[str], folder: Path, temporary: Path) -> None:
        self._words, self._folder, self._temporary = words, folder, temporary
        self.run = folder / "runs" / NINE_TRIALS["name"]

    def kill(self, moment: Moment) -> bool:
        """Begin a session and kill it at the moment; whether that came before the session's end."""
        has_come = moment(self.run)
        process = begin_search(self._words, self._folder, self._temporary)
        assert process.pid
        until = time.monotonic() + WAIT
        while process.is_alive() and not has_come():
            assert time.monotonic() < until, self.log
            time.sleep(0.002)
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL), self.log
        return process.exitcode == -signal.SIGKILL

    def end(self) -> None:
        process = begin_search(self._words, self._folder, self._temporary)
        process.join(WAIT)
        assert process.exitcode == 0, self.log

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text()


def check_end(searches: Searches, temporary: Path, undisturbed: SearchEnd) -> None:
    end = search_end(searches.run)
    assert end == undisturbed
    check_mlflow(searches.run, end)
    hidden = {path.relative_to(searches.run).as_posix() for path in searches.run.rglob(".*")}
    assert hidden == {".lock", ".owner"}
    assert not list(temporary.glob("astraios*"))
    assert "Traceback" not in searches.log


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "seed"),
    [
        pytest.param(backend, seed, marks=[pytest.mark.ray] if backend == "ray" else [])
        for backend in ("ray", "local")
        for seed in range(CHAINS[backend] if LONG else 1)
    ],
)
def test_a_killed_search_goes_on_to_the_same_end(
    backend: str, seed: int, small_study: Path, tmp_path: Path, temporary: Path, undisturbed: SearchEnd
) -> None:
    searches = Searches([str(small_study), "--backend", backend, "--quiet"], tmp_path, temporary)
    chance = random.Random(seed)
    with orphans_adopted() as orphans:
        for moment in moments(backend, seed):
            came = searches.kill(moment)
            while not came:  # the session ended before: the next one is killed as it begins
                came = searches.kill(after(chance.uniform(0.1, 0.5)))
        searches.end()
        assert orphans() == []
    check_end(searches, temporary, undisturbed)

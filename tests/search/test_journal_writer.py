"""What a desk tells, and that a replay tells nothing twice."""

from pathlib import Path

from astraios_ray.records import TrialState
from astraios_ray.search.journal import Journal, read_journal
from astraios_ray.search.journal_writer import Telling
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from tests.fakes.studies import desk, trained


def test_a_replay_is_silent(tmp_path: Path) -> None:
    source = desk(tmp_path)
    lease = source.claim(source.ready()[0])
    journal, tracker = Journal(tmp_path / "told.jsonl"), MemoryTracker()
    telling = Telling(journal, tracker)
    telling.replaying = True
    telling.stretch(lease.spec, trained(lease), spent=False, seconds=1.0)
    telling.ended(source.results[0])
    assert not list(read_journal(tmp_path / "told.jsonl"))
    assert tracker.events == []
    telling.replaying = False
    telling.ended(source.results[0])
    (record,) = read_journal(tmp_path / "told.jsonl")
    assert record["kind"] == "ended"
    assert TrialState(record["state"]) is source.results[0].state
    assert tracker.events

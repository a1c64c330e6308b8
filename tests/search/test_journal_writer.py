"""What a board writes to journal and tracker, and that a replay writes nothing again."""

from pathlib import Path

from astraios_ray.records import TrialState
from astraios_ray.search.journal import Journal, read_journal
from astraios_ray.search.journal_writer import JournalWriter
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from tests.fakes.studies import board, trained


def test_a_replay_is_silent(tmp_path: Path) -> None:
    source = board(tmp_path)
    train_task = source.ask(source.ready()[0])
    journal, tracker = Journal(tmp_path / "told.jsonl"), MemoryTracker()
    writer = JournalWriter(journal, tracker)
    writer.replaying = True
    writer.train_report(train_task.spec, trained(train_task), spent=False, seconds=1.0)
    writer.ended(source.results[0])
    assert not list(read_journal(tmp_path / "told.jsonl"))
    assert tracker.events == []
    writer.replaying = False
    writer.ended(source.results[0])
    (record,) = read_journal(tmp_path / "told.jsonl")
    assert record["kind"] == "ended"
    assert TrialState(record["state"]) is source.results[0].state
    assert tracker.events

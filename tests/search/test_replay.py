"""Both replays of a journal agree wherever it is cut: the search's own, and the one that only reads."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from astraios_ray.records import Cost, TrainReport, TrialState
from astraios_ray.search.budget_meter import SPENT
from astraios_ray.search.journal import read_journal
from astraios_ray.search.replay import replay_folder
from tests.fakes.studies import board, study, trained

RULES: dict[str, dict[str, Any]] = {
    "halving": {"rule": "halving", "grace": 1, "reduction": 3, "audit_fraction": 0.5},
    "asha": {"rule": "asha", "grace": 1, "reduction": 3},
    "median": {"rule": "median", "grace": 2},
    "none": {"rule": "none"},
}


def run(folder: Path, rule: dict[str, Any], spent_after: int) -> int:
    """Run a study of which one trial diverges, and whose budget is spent after so many tasks.

    Returns the number of its journal's records.
    """
    config = study(early_stop=rule, budget={"trials": 8, "wall_minutes": 1_000_000})
    folder.mkdir()
    (folder / "resolved.yaml").write_text(yaml.safe_dump(config.resolved()))
    trials, served = board(folder, config), 0
    while not trials.done:
        task = trials.ask(trials.ready()[0])
        served += 1
        if served == spent_after:
            trials.budget_meter.seconds_before = 60_000_001 * 60.0
        diverged = TrainReport(task.spec.id, TrialState.DIVERGED, (), None, Cost(), "loss nan")
        trials.tell(diverged if served == 3 else trained(task))
    return len(list(read_journal(folder / "journal.jsonl")))


@pytest.mark.parametrize("spent_after", [9, 1000])
@pytest.mark.parametrize("rule", RULES)
def test_both_agree_wherever_the_journal_is_cut(rule: str, spent_after: int, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    records = run(whole, RULES[rule], spent_after)
    lines = (whole / "journal.jsonl").read_bytes().splitlines(keepends=True)
    for length in range(1, records + 1):
        cut = tmp_path / f"cut-{length}"
        cut.mkdir()
        (cut / "resolved.yaml").write_bytes((whole / "resolved.yaml").read_bytes())
        (cut / "journal.jsonl").write_bytes(b"".join(lines[:length]))
        by_reading = replay_folder(cut).record.results
        again = board(cut, study(early_stop=RULES[rule], budget={"trials": 8, "wall_minutes": 1_000_000}))
        again.replay(list(read_journal(cut / "journal.jsonl")))
        assert by_reading == again.results, length


def test_a_trial_that_the_budget_ends_has_its_reason_in_both(tmp_path: Path) -> None:
    run(tmp_path / "whole", RULES["halving"], spent_after=9)
    results = replay_folder(tmp_path / "whole").record.results
    assert SPENT in {result.reason for result in results}
    assert all(result.reason for result in results if result.state is TrialState.STOPPED)

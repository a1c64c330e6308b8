"""What a search left behind, in a form that equals that of another search to the bit, or does not."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from astraios_ray.search.journal import read_journal


class SearchEnd(NamedTuple):
    """What was drawn, trained and scored, without times and costs."""

    specs: Sequence[Any]  # of the trials, in their order
    points: Mapping[tuple[str, int], tuple[float, float | None]]  # by trial and step: both losses
    states: Mapping[str, tuple[str, str]]  # by trial: how it ended and why
    scores: Mapping[tuple[str, str], Any]  # by trial and evaluator


def search_end(run: Path) -> SearchEnd:
    records = list(read_journal(run / "journal.jsonl"))
    reports = [record["train_report"] for record in records if record["kind"] == "train_report"]
    scored = [record for record in records if record["kind"] == "scored"]
    points = [
        ((report["trial"], point["step"]), (point["loss"], point["train_loss"]))
        for report in reports
        for point in report["points"]
    ]
    assert not _repeated(key for key, _ in points), "a step was trained twice"
    assert not _repeated((record["trial"], record["score"]["evaluator"]) for record in scored)
    return SearchEnd(
        specs=[spec for record in records if record["kind"] == "bracket" for spec in record["specs"]],
        points=dict(points),
        states={r["trial"]: (r["state"], r["reason"]) for r in records if r["kind"] == "ended"},
        scores={(record["trial"], record["score"]["evaluator"]): record["score"] for record in scored},
    )


def check_mlflow(run: Path, end: SearchEnd) -> None:
    """MLflow has one run for each trial and one for the search, and in them every value once."""
    with closing(sqlite3.connect(run / "mlflow.db")) as database:
        runs = database.execute("SELECT run_uuid FROM runs WHERE lifecycle_stage = 'active'").fetchall()
        trials, states = (_tags(database, f"astraios.{key}") for key in ("trial_id", "state"))
        points = database.execute(
            "SELECT run_uuid, step, value FROM metrics WHERE key = 'val/loss'"
        ).fetchall()
    assert len(runs) == 1 + len(end.states)
    assert sorted(trials.values()) == sorted(end.states)
    assert {trials[key]: states[key] for key in trials} == {
        trial: state for trial, (state, _) in end.states.items()
    }
    assert sorted((trials[key], step, value) for key, step, value in points) == sorted(
        (trial, step, loss) for (trial, step), (loss, _) in end.points.items()
    )


def _tags(database: sqlite3.Connection, key: str) -> dict[str, str]:
    return dict(database.execute("SELECT run_uuid, value FROM tags WHERE key = ?", (key,)).fetchall())


def _repeated(keys: Any) -> list[Any]:
    return [key for key, count in Counter(keys).items() if count > 1]

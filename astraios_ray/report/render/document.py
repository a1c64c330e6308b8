"""The leaderboard as plain values for ``leaderboard.json``; docs/leaderboard.md describes them."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from astraios_ray.records import Score, StudyRecord, TrialResult, encode
from astraios_ray.report.analysis.leaderboard import (
    Leaderboard,
    LeaderboardRow,
    interval,
    metric,
    ranking_of,
    score_of,
    section,
)
from astraios_ray.report.sections.conclusion import ranking, verdict, warnings
from astraios_ray.report.sections.section import Section

ABSENT = ("rank", "trial", "method", "validation_loss", "step", "pass_at_1", "pass_at_1_interval", "state")


def document(board: Leaderboard, parts: Sequence[Section] | None = None) -> dict[str, Any]:
    """The whole leaderboard, with ``analysis`` where the report's parts are given.

    Holds no NaN and no infinity: such a number is null.
    """
    record = board.record
    content = {
        "study": record.name,
        "complete": record.complete,
        "task": board.task,
        "ranking": ranking(board),
        "verdict": verdict(board),
        "winner": _winner(board),
        "warnings": list(warnings(board)),
        **models(board),
        "provenance": provenance(record),
    }
    if parts is not None:
        content["analysis"] = {part.key: {"words": list(part.sentences), **part.values} for part in parts}
    plain: dict[str, Any] = _finite(content)
    return plain


def leaderboard_json(board: Leaderboard, parts: Sequence[Section] | None = None) -> str:
    """The document as text; numbers that are not finite are null."""
    return json.dumps(document(board, parts), indent=2, ensure_ascii=False, allow_nan=False)


def models(board: Leaderboard) -> dict[str, Any]:
    """The untuned base, every method's best, every trial. No test is made, and no number is NaN."""
    record = board.record
    content = {
        "base": {
            "model": section(record.config, "model").get("id"),
            "scores": [_score(score) for score in record.base_scores],
        },
        "methods": {name: _method(board, name, row) for name, row in board.best_per_method.items()},
        "trials": [trial_document(row) for row in board.rows],
        "elsewhere": [_elsewhere(board, result) for result in board.elsewhere],
    }
    plain: dict[str, Any] = _finite(content)
    return plain


def _winner(board: Leaderboard) -> dict[str, Any] | None:
    """The first trial's score without the luck of its choice; None where that is not known."""
    if not board.scored:
        return None
    from astraios_ray.report.analysis.chosen_winner import chosen_winner  # scipy costs a second

    chosen = chosen_winner(board)
    if chosen is None:
        return None
    return {
        "trial": board.scored[0].trial,
        "score_corrected": chosen.value,
        "score_corrected_interval": chosen.interval,
        "optimism": chosen.optimism,
        "chosen_from": chosen.models,
    }


def provenance(record: StudyRecord) -> dict[str, Any]:
    """What produced the study: packages, machine, commit, model, data, sandbox, wall time."""
    scores = [*record.base_scores, *(score for result in record.results for score in result.scores)]
    sandboxes: list[dict[str, Any]] = []
    for score in scores:
        if score.sandbox and dict(score.sandbox) not in sandboxes:
            sandboxes.append(dict(score.sandbox))
    return {
        **encode(record.provenance),
        "model": dict(section(record.config, "model")),
        "data": dict(section(record.config, "data")),
        "sandboxes": sandboxes,
        "seconds": record.seconds,
    }


def _method(board: Leaderboard, name: str, row: LeaderboardRow | None) -> dict[str, Any]:
    trial_states = [other.result.state.value for other in board.rows if other.method == name]
    states = {state: trial_states.count(state) for state in sorted(set(trial_states))}
    best = trial_document(row) if row else {**dict.fromkeys(ABSENT), "method": name}
    return {**best, "trials": len(trial_states), "states": states}


def trial_document(row: LeaderboardRow) -> dict[str, Any]:
    """One trial as plain values."""
    result, spec = row.result, row.result.spec
    return {
        "rank": row.rank,
        "trial": row.trial,
        "label": spec.label,
        "method": row.method,
        "size": row.size,
        "hyperparameters": dict(spec.hyperparameters),
        "learning_rate": spec.recipe.learning_rate,
        "seed": spec.seed,
        "repeats": [_repeat(repeat, row) for repeat in row.repeats],
        "validation_loss": row.validation_loss,
        "step": row.step,
        "max_steps": spec.recipe.max_steps,
        "full_length": row.full_length,
        "ranking": ranking_of(row.score) if row.score else None,
        "score": row.value,
        "score_interval": row.interval,
        "pass_at_1": metric(row.score, "pass_at_1"),
        "pass_at_1_interval": interval(row.score, "pass_at_1"),
        "pass_at_10": metric(row.score, "pass_at_10"),
        "scores": [_score(score) for score in result.scores],
        "trainable_parameters": result.cost.trainable_parameters or None,
        "adapter_bytes": result.cost.adapter_bytes or None,
        "seconds": result.cost.seconds,
        "device_seconds": result.cost.device_seconds or None,
        "load": result.cost.load or None,
        "peak_memory_mib": result.cost.peak_memory_mib or None,
        "state": result.state.value,
        "reason": result.reason,
        "audited": result.audited,
    }


def _elsewhere(board: Leaderboard, result: TrialResult) -> dict[str, Any]:
    row = LeaderboardRow(None, result, score_of(result.scores, board.task))
    return {**trial_document(row), "training_set": result.spec.training_set}


def _repeat(result: TrialResult, row: LeaderboardRow) -> dict[str, Any]:
    score = score_of(result.scores, row.score.evaluator) if row.score else None
    return {
        "trial": result.spec.id,
        "seed": result.spec.seed,
        "state": result.state.value,
        "validation_loss": result.last.loss if result.last else None,
        "score": metric(score, score.ranking) if score else None,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "task": score.evaluator,
        "metrics": {name: metric(score, name) for name in score.metrics},
        "intervals": {name: interval(score, name) for name in score.intervals},
        "problems": score.problems,
        "groups": score.units,
        "samples": score.samples,
        "unscored": score.unscored,
        "unsupported": score.unsupported,
        "one_process": list(score.one_process),
        "unjudgeable": dict(score.unjudgeable),
        "sandbox_level": score.sandbox.get("level"),
    }


def _finite(value: Any) -> Any:
    """``value`` with every NaN and infinity replaced by None, tuples by lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value

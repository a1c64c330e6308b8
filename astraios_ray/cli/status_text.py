"""A study's standing for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from astraios_ray.aligned_text import table
from astraios_ray.cli.progress_words import clean
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from astraios_ray.report.wording import NOTHING, at_step, duration, loss, percent, plural, rate, sizes, title
from astraios_ray.search.replay import ReplayedStudy
from astraios_ray.studies.run_lock import Holder

RUNGS_SHOWN = 8


def as_text(standing: ReplayedStudy, holder: Holder, found: Mapping[str, Any]) -> str:
    """``found`` is what ``describe`` made of the same standing."""
    board = leaderboard(standing.record)
    parts = [
        "\n".join(_summary(board, holder, found)),
        table(_best(board)) if standing.record.results else "No trial has been proposed yet.",
        "\n".join(_ways(found, holder)),
    ]
    return clean("\n\n".join(parts))


def _summary(board: Leaderboard, holder: Holder, found: Mapping[str, Any]) -> Iterator[str]:
    states: Mapping[str, int] = found["trials"]
    ended = sum(number for state, number in states.items() if state not in ("running", "paused"))
    yield f"{found['study']} in {found['folder']}: {_doing(found, holder)}"
    listed = ", ".join(f"{number} {state}" for state, number in states.items())
    yield f"  trials  {ended} of {found['planned']} ended{': ' if listed else ''}{listed}"
    yield f"  rungs   {_rungs(found)}"
    if found["scored"] or found["base"]["scores"]:
        yield f"  scores  {_scores(board, found)}"
    yield f"  time    {duration(found['seconds'])} in {plural(found['sessions'], 'session')}"


def _doing(found: Mapping[str, Any], holder: Holder) -> str:
    if holder.holds:
        return f"a search is at work ({holder.words}), phase {found['phase']}"
    if holder.holds is None:
        return f"last held by {holder.words}, which cannot be asked from here"
    return "complete" if found["complete"] else "not complete, and no search is at work"


def _rungs(found: Mapping[str, Any]) -> str:
    rungs = found["rungs"]
    shown = rungs if len(rungs) <= RUNGS_SHOWN else [*rungs[: RUNGS_SHOWN - 1], rungs[-1]]
    arrived = ", ".join(f"step {rung['step']}: {rung['trials']}" for rung in shown)
    waits = f"; waits for {found['waits_for']}" if found["waits_for"] and not found["complete"] else ""
    return f"trials that reached {arrived}{waits}"


def _scores(board: Leaderboard, found: Mapping[str, Any]) -> str:
    models = plural(len(found["scored"]), "tuned model")
    if board.base is None:
        return models
    value = percent(board.base.metrics.get(board.ranking))
    return f"{models}; the untuned one has {title(board.ranking)} {value}"


def _best(board: Leaderboard) -> Iterator[tuple[str, ...]]:
    yield ("best so far", "size", "lr", "val loss", "step", title(board.ranking), "state", "trial")
    best = board.best_per_method
    for row in sorted((row for row in best.values() if row), key=board.rows.index):
        yield _line(row)
    for name, own in best.items():
        if own is None:
            yield (name, *[NOTHING] * 7)


def _line(row: LeaderboardRow) -> tuple[str, ...]:
    return (
        row.method,
        sizes(row.size),
        rate(row.result.spec.recipe.learning_rate),
        loss(row.validation_loss),
        at_step(row.result),
        percent(row.value),
        row.result.state.value,
        row.trial,
    )


def _ways(found: Mapping[str, Any], holder: Holder) -> Iterator[str]:
    if found["search"] is None:
        yield "The folder bears another name than its study, so no search would go on in it. Rename it first."
    elif found["complete"]:
        yield f"The report:\n  {found['folder']}/report/index.html"
    else:
        when = "If it is interrupted, go on with" if holder.holds else "Go on with"
        yield f"{when}:\n  {found['search']}"
    if found["export"]:
        yield f"Export the best trial:\n  {found['export']}"

"""A study's status as text for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from astraios_ray.aligned_text import table
from astraios_ray.displays.progress_words import clean
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, leaderboard
from astraios_ray.report.wording import NOTHING, at_step, duration, loss, percent, plural, rate, sizes, title
from astraios_ray.search.replay import ReplayedStudy
from astraios_ray.studies.run_lock import Holder

RUNGS_SHOWN = 8


def as_text(study: ReplayedStudy, holder: Holder, summary: Mapping[str, Any]) -> str:
    """The status of ``study`` as text; ``summary`` is what ``describe`` made of it."""
    board = leaderboard(study.record)
    parts = [
        "\n".join(_summary(board, holder, summary)),
        table(_best(board)) if study.record.results else "No trial has been proposed yet.",
        "\n".join(_ways(summary, holder)),
    ]
    return clean("\n\n".join(parts))


def _summary(board: Leaderboard, holder: Holder, summary: Mapping[str, Any]) -> Iterator[str]:
    states: Mapping[str, int] = summary["trials"]
    ended = sum(number for state, number in states.items() if state not in ("running", "paused"))
    yield f"{summary['study']} in {summary['folder']}: {_doing(summary, holder)}"
    listed = ", ".join(f"{number} {state}" for state, number in states.items())
    yield f"  trials  {ended} of {summary['planned']} ended{': ' if listed else ''}{listed}"
    yield f"  rungs   {_rungs(summary)}"
    if summary["scored"] or summary["base"]["scores"]:
        yield f"  scores  {_scores(board, summary)}"
    yield f"  time    {duration(summary['seconds'])} in {plural(summary['sessions'], 'session')}"


def _doing(summary: Mapping[str, Any], holder: Holder) -> str:
    if holder.holds:
        return f"a search is at work ({holder.words}), phase {summary['phase']}"
    if holder.holds is None:
        return f"last held by {holder.words}, which cannot be asked from here"
    return "complete" if summary["complete"] else "not complete, and no search is at work"


def _rungs(summary: Mapping[str, Any]) -> str:
    rungs = summary["rungs"]
    excerpt = rungs if len(rungs) <= RUNGS_SHOWN else [*rungs[: RUNGS_SHOWN - 1], rungs[-1]]
    arrived = ", ".join(f"step {rung['step']}: {rung['trials']}" for rung in excerpt)
    waits = f"; waits for {summary['waits_for']}" if summary["waits_for"] and not summary["complete"] else ""
    return f"trials that reached {arrived}{waits}"


def _scores(board: Leaderboard, summary: Mapping[str, Any]) -> str:
    models = plural(len(summary["scored"]), "tuned model")
    if board.base is None:
        return models
    value = percent(board.base.metrics.get(board.ranking))
    return f"{models}; the untuned one has {title(board.ranking)} {value}"


def _best(board: Leaderboard) -> Iterator[tuple[str, ...]]:
    yield ("best so far", "size", "lr", "val loss", "step", title(board.ranking), "state", "trial")
    best = board.best_per_method
    for row in sorted((row for row in best.values() if row), key=board.rows.index):
        yield _line(row)
    for name, best_row in best.items():
        if best_row is None:
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


def _ways(summary: Mapping[str, Any], holder: Holder) -> Iterator[str]:
    if summary["search"] is None:
        yield "The folder bears another name than its study, so no search would go on in it. Rename it first."
    elif summary["complete"]:
        yield f"The report:\n  {summary['folder']}/report/index.html"
    else:
        when = "If it is interrupted, go on with" if holder.holds else "Go on with"
        yield f"{when}:\n  {summary['search']}"
    if summary["export"]:
        yield f"Export the best trial:\n  {summary['export']}"

"""A study's status as text for people."""

from collections.abc import Iterator

from astraios_ray.aligned_text import table
from astraios_ray.displays.progress_words import clean
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow
from astraios_ray.report.wording import NOTHING, at_step, duration, loss, percent, plural, rate, sizes, title
from astraios_ray.studies.status import StudyStatus

RUNGS_SHOWN = 8


def as_text(status: StudyStatus) -> str:
    """The status as paragraphs."""
    board = status.board
    parts = [
        "\n".join(_summary(board, status)),
        table(_best(board)) if board.rows or board.elsewhere else "No trial has been proposed yet.",
        "\n".join(_ways(status)),
    ]
    return clean("\n\n".join(parts))


def _summary(board: Leaderboard, status: StudyStatus) -> Iterator[str]:
    states = status.trials
    ended = sum(number for state, number in states.items() if state not in ("running", "paused"))
    yield f"{status.study} in {status.folder}: {_doing(status)}"
    listed = ", ".join(f"{number} {state}" for state, number in states.items())
    yield f"  trials  {ended} of {status.planned} ended{': ' if listed else ''}{listed}"
    yield f"  rungs   {_rungs(status)}"
    if status.scored or status.base["scores"]:
        yield f"  scores  {_scores(board, status)}"
    yield f"  time    {duration(status.seconds)} in {plural(status.sessions, 'session')}"


def _doing(status: StudyStatus) -> str:
    if status.held:
        return f"a search is at work ({status.holder}), phase {status.phase}"
    if status.held is None:
        return f"last held by {status.holder}, which cannot be asked from here"
    return "complete" if status.complete else "not complete, and no search is at work"


def _rungs(status: StudyStatus) -> str:
    rungs = status.rungs
    excerpt = rungs if len(rungs) <= RUNGS_SHOWN else [*rungs[: RUNGS_SHOWN - 1], rungs[-1]]
    arrived = ", ".join(f"step {rung['step']}: {rung['trials']}" for rung in excerpt)
    waits = f"; waits for {status.waits_for}" if status.waits_for and not status.complete else ""
    return f"trials that reached {arrived}{waits}"


def _scores(board: Leaderboard, status: StudyStatus) -> str:
    models = plural(len(status.scored), "tuned model")
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


def _ways(status: StudyStatus) -> Iterator[str]:
    if status.search is None:
        yield "The folder bears another name than its study, so no search would go on in it. Rename it first."
    elif status.complete:
        yield f"The report:\n  {status.folder}/report/index.html"
    else:
        when = "If it is interrupted, go on with" if status.held else "Go on with"
        yield f"{when}:\n  {status.search}"
    if status.export:
        yield f"Export the best trial:\n  {status.export}"

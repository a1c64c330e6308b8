"""What a leaderboard says in plain words, and what speaks against relying on it."""

from collections import Counter
from collections.abc import Iterable
from math import sqrt

from astraios_ray.records import Score, TrialState
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, interval, metric, section
from astraios_ray.report.sections.cautions import TOLD_HERE, cautions
from astraios_ray.report.sections.fairness import TITLE, warning_names
from astraios_ray.report.wording import (
    at_step,
    count,
    denominator,
    finite,
    listed,
    loss,
    plural,
    rate,
    sizes,
    title,
    with_interval,
)

FEW_PROBLEMS = 100  # below, a 95 % interval reaches ±10 points or more
HALF_WIDTH = 1.96 * 0.5  # of a 95 % interval of a share of one half, over the root of the problems
MISRANKABLE = 6  # scored trials: three of a method and three others (proxy.py)
STRONG = 3  # the sandbox level that asks for no warning


def verdict(board: Leaderboard) -> str:
    """The answer in a few sentences, every number with its denominator."""
    if board.scored:
        # imported here: scipy takes a second, which an unscored study need not wait
        from astraios_ray.report.sections.pairwise import against_base, against_others

        return " ".join((_best(board), against_base(board), against_others(board)))
    if board.ranked:
        return _by_loss(board)
    return _nothing(board)


def ranking(board: Leaderboard) -> str:
    """By which key the rows are ranked, in words."""
    by_loss = "validation loss at full length; trials stopped earlier follow, those that got further first"
    if board.task is None:
        return f"by {by_loss}"
    return f"by {title(board.ranking)} on {board.task}; trials without a score follow, by {by_loss}"


def warnings(board: Leaderboard) -> tuple[str, ...]:
    """What a reader must know before relying on the verdict. Empty when nothing speaks against it."""
    return (
        *_unfinished(board),
        *_training_losses(board),
        *_few_problems(board),
        *cautions(board),
        *_uneven(board),
        *_unfair(board),
        *_unscored(board),
        *_unjudgeable(board),
        *_not_crossed(board),
        *misranked_words(board),
        *_seeds(board),
        *_weak_sandbox(board),
        *_unknown_methods(board),
        *_broken(board),
    )


def describe(row: LeaderboardRow) -> str:
    """``lora (r 8, learning rate 3.16e-4, t0007)``."""
    parts = [sizes(row.size)] if row.size else []
    learning_rate = finite(row.result.spec.recipe.learning_rate)
    parts += [f"learning rate {rate(learning_rate)}"] if learning_rate is not None else []
    return f"{row.method} ({', '.join([*parts, row.trial])})"


def _best(board: Leaderboard) -> str:
    first = board.scored[0]
    assert first.score is not None
    number = with_interval(first.value, first.interval)
    finding = f"{describe(first)} with {number} over {denominator(first.score)}"
    return f"Best by {title(board.ranking)} on {board.task}: {finding}.{_corrected(board)}"


def _corrected(board: Leaderboard) -> str:
    from astraios_ray.report.analysis.chosen_winner import chosen_winner  # scipy, as in ``verdict``

    chosen = chosen_winner(board)
    if chosen is None:
        return ""
    number = with_interval(chosen.value, chosen.interval)
    return f" Corrected for being the best of {plural(chosen.models, 'scored trial')}: {number}."


def misranked_words(board: Leaderboard) -> Iterable[str]:
    """One sentence for each method that loss places otherwise than its scores do."""
    if len(board.scored) < MISRANKABLE:
        return
    from astraios_ray.report.analysis.loss_as_proxy import misranked  # scipy, as in ``verdict``

    for shift in misranked(board):
        by_loss, by_score = ("worse", "better") if shift.places > 0 else ("better", "worse")
        yield (
            f"{shift.method} looks {by_loss} by loss than it is: {plural(shift.count, 'trial')} score "
            f"{by_score} by {abs(shift.places):.1f} ranks on average. Do not drop or choose it by loss."
        )


def _seeds(board: Leaderboard) -> Iterable[str]:
    """What repeats that broke do to the means of the others."""
    repeats = [repeat for row in board.rows for repeat in row.repeats if repeat.state.ended]
    bad = [repeat for repeat in repeats if repeat.state is not TrialState.COMPLETE]
    if bad:
        names = ", ".join(f"{r.spec.id} ({r.spec.method}, {r.state.value})" for r in bad)
        yield (
            f"{count(len(bad))} of {plural(len(repeats), 'repeat')} with other seeds did not come to the "
            f"end: {names}. Means over seeds are of the others, and so too good."
        )


def _by_loss(board: Leaderboard) -> str:
    first = board.ranked[0]
    last = first.result.last
    assert last is not None
    peers = [row for row in board.ranked if row.step == first.step]
    text = (
        f"No trial was scored, so this is by validation loss alone, which is only a proxy: {describe(first)} "
        f"has {loss(last.loss)} nats per token at step {at_step(first.result)}, "
        f"the lowest of the {plural(len(peers), 'trial')} measured there."
    )
    return text if first.full_length else f"{text} No trial has reached full length."


def _nothing(board: Leaderboard) -> str:
    total = len(board.rows)
    if not total:
        return "Nothing can be ranked: no trial has started."
    states = Counter(row.result.state for row in board.rows)
    if states[TrialState.DIVERGED] == total:
        return f"Nothing can be ranked: all {plural(total, 'trial')} diverged. Try lower learning rates."
    return f"Nothing can be ranked: none of {plural(total, 'trial')} has a usable loss ({_states(states)})."


def _unfinished(board: Leaderboard) -> Iterable[str]:
    if not board.record.complete:
        ended_count = sum(row.result.state.ended for row in board.rows)
        planned = section(board.record.config, "budget").get("trials")
        total = max(planned, len(board.rows)) if isinstance(planned, int) else len(board.rows)
        repeats = [repeat for row in board.rows for repeat in row.repeats]
        repeat_words = f", and {sum(r.state.ended for r in repeats)} of {plural(len(repeats), 'repeat')}"
        yield (
            f"The study is not complete: {count(ended_count)} of {plural(total, 'trial')} ended"
            f"{repeat_words if repeats else ''}. "
            "The same search command goes on where it stopped."
        )


def _training_losses(board: Leaderboard) -> Iterable[str]:
    if board.record.config.get("losses") == "training":
        yield "Losses here are of training batches, not of held-out data: they say nothing of overfitting."


def _few_problems(board: Leaderboard) -> Iterable[str]:
    fewest = min(_scores(board), key=lambda score: score.units, default=None)
    if fewest and fewest.units < FEW_PROBLEMS:
        width, problems = 100 * _widest(board, fewest), plural(fewest.problems, "problem")
        of_groups = f" in {plural(fewest.units, 'group')}" if fewest.units < fewest.problems else ""
        verb = "is" if fewest.problems == 1 else "are"
        yield (
            f"{problems}{of_groups} {verb} few: the 95 % interval of a score reaches up to ±{width:.0f} "
            "points, however many samples are drawn of each."
        )


def _widest(board: Leaderboard, fewest: Score) -> float:
    """Half of the widest interval that a score has, seeds included, or may have with so many units."""
    spans = [interval(score, score.ranking) for score in _scores(board)]
    possible = min(0.5, HALF_WIDTH / sqrt(fewest.units))
    return max([possible, *((high - low) / 2 for low, high in filter(None, spans))])


def _uneven(board: Leaderboard) -> Iterable[str]:
    kinds = sorted({denominator(score) for score in _scores(board)})
    if len(kinds) > 1:
        yield f"Not all scores have the same denominator ({'; '.join(kinds)}): compare them with care."


def _unfair(board: Leaderboard) -> Iterable[str]:
    if names := [name for name in warning_names(board) if name not in TOLD_HERE]:
        yield f'The comparison is not fair in every respect ({listed(names)}): see "{TITLE}" in the report.'


def _all_scores(board: Leaderboard) -> list[Score]:
    of_trials = (score for result in board.record.results for score in result.scores)
    return [*board.record.base_scores, *of_trials]


def _not_crossed(board: Leaderboard) -> Iterable[str]:
    scores = _all_scores(board)
    if samples := sum(score.unsupported for score in scores):
        yield (
            f"{plural(samples, 'sample')} gave a value that could not cross to the test (unsupported_value): "
            f"{'it counts' if samples == 1 else 'they count'} as not passed, and may be right."
        )
    if problems := dict.fromkeys(problem for score in scores for problem in score.one_process):
        yield (
            f"{plural(len(problems), 'problem')} judged in one process with the test, where a hostile "
            f"program can pass: {', '.join(problems)}."
        )


def _unjudgeable(board: Leaderboard) -> Iterable[str]:
    left_out = {name: why for score in _all_scores(board) for name, why in score.unjudgeable.items()}
    if left_out:
        reasons = "; ".join(f"{name}: {why}" for name, why in left_out.items())
        yield f"Left out of scores: {plural(len(left_out), 'problem')}, unjudgeable here: {reasons}."


def _unscored(board: Leaderboard) -> Iterable[str]:
    scores = _all_scores(board)
    partial = [score for score in scores if score.unscored]
    if partial:
        samples = sum(score.unscored for score in partial)
        total = sum(score.problems * score.samples for score in partial)
        yield (
            f"{count(samples)} of {plural(total, 'sample')} in {plural(len(partial), 'score')} could not be "
            "judged; those scores say nothing of them."
        )
    empty = [score for score in partial if metric(score, score.ranking) is None]
    if empty:
        yield f"{plural(len(empty), 'score')} of these had too few verdicts and counts as none."


def _weak_sandbox(board: Leaderboard) -> Iterable[str]:
    if board.record.config.get("losses") == "training":  # another tool's results: nothing was judged here
        return
    levels = {score.sandbox.get("level") for score in _scores(board)}
    weak_levels = [level for level in levels if not isinstance(level, int) or level < STRONG]
    if weak_levels:
        level_names = ", ".join(
            sorted("not recorded" if level is None else str(level) for level in weak_levels)
        )
        yield f"Programs were judged in a sandbox weaker than level {STRONG} (level {level_names})."


def _unknown_methods(board: Leaderboard) -> Iterable[str]:
    best = board.best_per_method
    unmeasured_methods = [name for name, row in best.items() if row is None or row.rank is None]
    if unmeasured_methods and board.ranked:
        yield f"Nothing is known of {', '.join(unmeasured_methods)}: no trial of it has a usable loss."
    unscored_methods = [
        name for name, row in best.items() if row and row.rank is not None and row.score is None
    ]
    if unscored_methods and board.scored:
        yield f"No trial of {', '.join(unscored_methods)} was scored: ranked by validation loss only."


def _broken(board: Leaderboard) -> Iterable[str]:
    states = Counter(row.result.state for row in board.rows)
    bad = {state: states[state] for state in (TrialState.DIVERGED, TrialState.FAILED) if states[state]}
    if bad and board.ranked:
        yield f"Of {plural(len(board.rows), 'trial')}, {_states(bad)}; the report says why."


def _states(states: Counter[TrialState] | dict[TrialState, int]) -> str:
    return ", ".join(f"{count(number)} {state.value}" for state, number in states.items())


def _scores(board: Leaderboard) -> list[Score]:
    rows = [row.score for row in board.scored if row.score is not None]
    return [*rows, *([board.base] if board.base else [])]

"""Sentences that call one model better than another, each from the test on the problems both were asked."""

from collections.abc import Sequence

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import Leaderboard, interval, metric
from astraios_ray.report.analysis.paired_comparison import (
    Contender,
    Pair,
    PairVerdict,
    gains,
    pairs,
    within,
)
from astraios_ray.report.wording import denominator, listed, plural, points, with_interval

LUCK = "so no paired comparison is possible and nothing says whether the difference is luck"
SAME = "on the same problems"
BESIDE_BASE = {
    PairVerdict.BETTER: "the best is better than it",
    PairVerdict.TIE: "the best cannot be told apart from it",
    PairVerdict.WORSE: "it is better than the best",
}


def against_base(board: Leaderboard) -> str:
    """The best scored trial beside the untuned base."""
    first, base = board.scored[0], metric(board.base, board.ranking)
    if board.base is None or base is None or first.value is None:
        return "The untuned base was not scored, so the gain from tuning is not known."
    number = with_interval(base, interval(board.base, board.ranking))
    finding = (
        f"The untuned base has {number} over {denominator(board.base)}, {_gap_words(first.value - base)}"
    )
    pair = gain(board, first.trial)
    if pair is None:
        return f"{finding}; {_why_unpaired(first.score, board.base)}, {LUCK}."
    if pair.verdict is PairVerdict.BETTER and first.value > base and _where(pair) == SAME:
        return f"{finding}."
    return f"{finding}; {_where(pair)} {BESIDE_BASE[pair.verdict]}."


def against_others(board: Leaderboard) -> str:
    """The best scored trial beside every other method's best; of one method, beside its other trials."""
    first, *rivals = board.scored
    if not rivals:
        return "No other trial was scored, so there is nothing to compare it with."
    one_method = all(row.method == first.method for row in rivals)
    family = within(board, first.method) if one_method else pairs(board)
    comparisons = [pair for pair in family if pair.one.trial == first.trial]
    if not comparisons:
        reason = _why_unpaired(*(row.score for row in board.scored))
        return f"The best is not compared with the others: {reason}, {LUCK}."
    phrases = (
        _count_phrases(comparisons, first.method)
        if one_method
        else verdict_phrases(comparisons, _absent(board, comparisons))
    )
    subject = f"{first.method} ({first.trial})" if one_method else subject_words(comparisons[0].one)
    return f"On the same problems {subject} {'; it '.join(phrases)}."


def subject_words(side: Contender) -> str:
    """``lora (t0007, 3 seeds)``: a method is spoken of where it was trained with several seeds only.

    Else it is ``this model of lora (t0007)``: another seed may give another.
    """
    if side.seeds:
        return f"{side.name} ({side.trial}, {plural(len(side.seeds), 'seed')})"
    return f"this model of {side.name} ({side.trial})" if side.trial else side.name


def rival_words(sides: Sequence[Contender], last: str = "and") -> str:
    """``full and the models of lora and ia3``: methods, and those of which one model speaks."""
    single = [side.name for side in sides if side.trial and not side.seeds]
    names = [side.name for side in sides if side.name not in single]
    noun = "the model" if len(single) == 1 else "the models"
    return listed([*names, *([f"{noun} of {listed(single, last)}"] if single else [])], last)


def gain(board: Leaderboard, trial: str) -> Pair | None:
    """A method's best trial beside the untuned base; None where they share no recorded problems."""
    return next((pair for pair in gains(board) if pair.one.trial == trial), None)


def gain_words(board: Leaderboard, trial: str) -> str | None:
    """A method's best trial beside the untuned base, in one sentence."""
    pair = gain(board, trial)
    if pair is None:
        return None
    relation = "not told apart from" if pair.verdict is PairVerdict.TIE else f"{pair.verdict.value} than"
    gap = points(pair.difference.mean, pair.interval)
    return f"{board.task}: {_where(pair)} {trial} is {relation} the untuned base, {gap} points"


def gains_words(board: Leaderboard) -> list[str]:
    """How many methods are better than the untuned base; nothing where that was not scored."""
    comparisons = gains(board)
    if not comparisons:
        unpaired = "No method shares recorded problems with the base, so none can be compared with it."
        return [unpaired] if board.base else []
    names = {verdict: [p.one.name for p in comparisons if p.verdict is verdict] for verdict in PairVerdict}
    phrases = [f"{_counted(len(names[PairVerdict.BETTER]), comparisons)} better than the base"]
    phrases += [f"not shown for {listed(names[PairVerdict.TIE])}"] if names[PairVerdict.TIE] else []
    phrases += [f"worse than it: {listed(names[PairVerdict.WORSE])}"] if names[PairVerdict.WORSE] else []
    absent = _absent(board, comparisons)
    phrases += [f"not compared, for want of common problems: {listed(absent)}"] if absent else []
    return [f"{'; '.join(phrases)}."]


def verdict_phrases(comparisons: Sequence[Pair], unpaired: Sequence[str]) -> list[str]:
    """What the first model of these pairs is beside the others, in parts of one sentence."""
    wins, ties, losses = (
        [pair.other for pair in comparisons if pair.verdict is verdict] for verdict in PairVerdict
    )
    phrases = [f"is better than {rival_words(wins)}"] if wins else []
    phrases += [f"cannot be told apart from {rival_words(ties, 'or')}"] if ties else []
    phrases += [f"solves fewer of them than {rival_words(losses)}"] if losses else []  # another metric ranks
    return phrases + ([f"shares no recorded problems with {listed(unpaired, 'or')}"] if unpaired else [])


def _counted(number: int, comparisons: Sequence[Pair]) -> str:
    """``2 of 3 methods are``; ``The models of 2 ...`` unless each method was trained with several seeds."""
    share, verb = f"{number} of {plural(len(comparisons), 'method')}", "is" if number == 1 else "are"
    if all(pair.of_methods for pair in comparisons):
        return f"{share} {verb}"
    return f"The {'model' if number == 1 else 'models'} of {share} {verb}"


def _absent(board: Leaderboard, comparisons: Sequence[Pair]) -> list[str]:
    """The scored methods that are in no pair."""
    paired = {side.name for pair in comparisons for side in (pair.one, pair.other)}
    return [method for method in dict.fromkeys(row.method for row in board.scored) if method not in paired]


def _count_phrases(comparisons: Sequence[Pair], method: str) -> list[str]:
    wins, ties, losses = (sum(pair.verdict is verdict for pair in comparisons) for verdict in PairVerdict)
    phrases = [f"is better than {plural(wins, 'other trial')} of {method}"] if wins else []
    phrases += [f"cannot be told apart from {plural(ties, 'other trial')} of {method}"] if ties else []
    return phrases + ([f"solves fewer of them than {plural(losses, 'other trial')}"] if losses else [])


def _where(pair: Pair) -> str:
    """Which problems were tested: all that either model was asked, or how many of them both were."""
    common = pair.difference.problems
    all_common = common == len(pair.one.solved) == len(pair.other.solved)
    return SAME if all_common else f"on the {common} problems that both were asked"


def _gap_words(ahead: float) -> str:
    gap = f"{100 * abs(ahead):.1f} points"
    return f"{gap} less" if ahead > 0 else f"{gap} more" if ahead < 0 else "as much as the best"


def _why_unpaired(*scores: Score | None) -> str:
    if all(score and score.solved for score in scores):
        return "they share no problems"
    return "which problems each solved was not recorded"

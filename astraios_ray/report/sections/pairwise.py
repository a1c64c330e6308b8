"""Sentences that call one model better than another, each from the test on the problems both were asked."""

from collections.abc import Sequence

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import Leaderboard, interval, metric
from astraios_ray.report.analysis.paired_comparison import Pair, PairVerdict, gains, pairs, within
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
    has = f"The untuned base has {number} over {denominator(board.base)}, {_behind(first.value - base)}"
    pair = gain(board, first.trial)
    if pair is None:
        return f"{has}; {_why_unpaired(first.score, board.base)}, {LUCK}."
    if pair.verdict is PairVerdict.BETTER and first.value > base and _where(pair) == SAME:
        return f"{has}."
    return f"{has}; {_where(pair)} {BESIDE_BASE[pair.verdict]}."


def against_others(board: Leaderboard) -> str:
    """The best scored trial beside every other method's best; of one method, beside its other trials."""
    first, *others = board.scored
    if not others:
        return "No other trial was scored, so there is nothing to compare it with."
    one_method = all(row.method == first.method for row in others)
    tested = within(board, first.method) if one_method else pairs(board)
    own = [pair for pair in tested if pair.one.trial == first.trial]
    if not own:
        why = _why_unpaired(*(row.score for row in board.scored))
        return f"The best is not compared with the others: {why}, {LUCK}."
    said = _counted(own, first.method) if one_method else verdict_phrases(own, _absent(board, own))
    return f"On the same problems {first.method} ({first.trial}) {'; it '.join(said)}."


def gain(board: Leaderboard, trial: str) -> Pair | None:
    """A trial that stands for its method beside the untuned base; None where they cannot be paired."""
    return next((pair for pair in gains(board) if pair.one.trial == trial), None)


def gain_words(board: Leaderboard, trial: str) -> str | None:
    """A trial that stands for its method beside the untuned base, in one sentence."""
    pair = gain(board, trial)
    if pair is None:
        return None
    said = "not told apart from" if pair.verdict is PairVerdict.TIE else f"{pair.verdict.value} than"
    gap = points(pair.difference.mean, pair.difference.interval)
    return f"{board.task}: {_where(pair)} {trial} is {said} the untuned base, {gap} points"


def gains_words(board: Leaderboard) -> list[str]:
    """How many methods are better than the untuned base; nothing where that was not scored."""
    found = gains(board)
    if not found:
        alone = "No method shares recorded problems with the base, so none can be compared with it."
        return [alone] if board.base else []
    names = {verdict: [p.one.name for p in found if p.verdict is verdict] for verdict in PairVerdict}
    better = len(names[PairVerdict.BETTER])
    are = "is" if better == 1 else "are"
    said = [f"{better} of {plural(len(found), 'method')} {are} better than the base"]
    said += [f"not shown for {listed(names[PairVerdict.TIE])}"] if names[PairVerdict.TIE] else []
    said += [f"worse than it: {listed(names[PairVerdict.WORSE])}"] if names[PairVerdict.WORSE] else []
    missing = _absent(board, found)
    said += [f"not compared, for want of common problems: {listed(missing)}"] if missing else []
    return [f"{'; '.join(said)}."]


def verdict_phrases(own: Sequence[Pair], missing: Sequence[str]) -> list[str]:
    """What the first model of these pairs is beside the others, in parts of one sentence."""
    beaten, same, behind = (
        [pair.other.name for pair in own if pair.verdict is verdict] for verdict in PairVerdict
    )
    said = [f"is better than {listed(beaten)}"] if beaten else []
    said += [f"cannot be told apart from {listed(same, 'or')}"] if same else []
    said += [f"solves fewer of them than {listed(behind)}"] if behind else []  # another metric ranks
    return said + ([f"shares no recorded problems with {listed(missing, 'or')}"] if missing else [])


def _absent(board: Leaderboard, tested: Sequence[Pair]) -> list[str]:
    """The scored methods that are in no pair."""
    paired = {side.name for pair in tested for side in (pair.one, pair.other)}
    return [method for method in dict.fromkeys(row.method for row in board.scored) if method not in paired]


def _counted(own: Sequence[Pair], method: str) -> list[str]:
    beaten, same, behind = (sum(pair.verdict is verdict for pair in own) for verdict in PairVerdict)
    said = [f"is better than {plural(beaten, 'other trial')} of {method}"] if beaten else []
    said += [f"cannot be told apart from {plural(same, 'other trial')} of {method}"] if same else []
    return said + ([f"solves fewer of them than {plural(behind, 'other trial')}"] if behind else [])


def _where(pair: Pair) -> str:
    """Which problems were tested: all that either model was asked, or how many of them both were."""
    common = pair.difference.problems
    alike = common == len(pair.one.solved) == len(pair.other.solved)
    return SAME if alike else f"on the {common} problems that both were asked"


def _behind(ahead: float) -> str:
    gap = f"{100 * abs(ahead):.1f} points"
    return f"{gap} less" if ahead > 0 else f"{gap} more" if ahead < 0 else "as much as the best"


def _why_unpaired(*scores: Score | None) -> str:
    if all(score and score.solved for score in scores):
        return "they share no problems"
    return "which problems each solved was not recorded"

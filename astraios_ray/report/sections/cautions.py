"""What a comparison of methods leaves open: other seeds, other learning rates, other numbers of trials."""

from collections.abc import Iterable, Mapping

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.settings import edges
from astraios_ray.report.wording import count, listed

TOLD_HERE = ("learning_rate_at_edge", "unequal_trials")
"""Names of warnings of fairness that are sentences here."""


def cautions(board: Leaderboard) -> Iterable[str]:
    """Sentences that hold for this study; none where nothing can be ranked."""
    yield from _one_seed(board)
    yield from _edges(board)
    yield from _unequal(board)


def _one_seed(board: Leaderboard) -> Iterable[str]:
    """Methods whose best trial was trained with one seed, where there is anything to compare it with."""
    rows = board.scored or board.ranked
    firsts = board.best_per_method
    best = [row for method in _methods(board) if (row := firsts[method]) and row in rows]
    single = [row.method for row in best if not row.seeds]
    if len(rows) < 2 or not single:
        return
    everyone = not any(row.seeds for row in board.rows)
    whose = "every method" if everyone else listed(single)
    yield (
        f"One training seed alone speaks for {whose}: another may change the order "
        "(`evaluate.seeds` trains the best anew)."
    )


def _edges(board: Leaderboard) -> Iterable[str]:
    by_method = {edge.method: "upper" if edge.upper else "lower" for edge in edges(board)}
    ends = [f"{m} (the {by_method[m]} one)" for m in _methods(board) if m in by_method]
    if ends:
        yield (
            f"The best learning rate lies at an end of its range for {listed(ends)}: a better one may lie "
            "outside."
        )


def _unequal(board: Leaderboard) -> Iterable[str]:
    """Methods whose best was chosen from unequal numbers of trials."""
    for rows, noun in ((board.rows, "trials"), (board.scored, "scored trials")):
        counts = {method: sum(row.method == method for row in rows) for method in _methods(board)}
        present = {method: number for method, number in counts.items() if number}
        if len(set(present.values())) > 1:
            yield (
                f"A method stands with its best of unequal numbers of {noun} ({_by_count(present)}): the "
                "best of more is higher by luck alone."
            )


def _methods(board: Leaderboard) -> tuple[str, ...]:
    """The methods with a trial, by rank: a record has its methods in the order in which it was read."""
    return tuple(dict.fromkeys(row.method for row in board.rows))


def _by_count(counts: Mapping[str, int]) -> str:
    """``full 3; lora and ia3 2``: the methods of each count, the largest first."""
    by_count = {number: [m for m, n in counts.items() if n == number] for number in sorted(counts.values())}
    return "; ".join(f"{listed(names)} {count(number)}" for number, names in reversed(by_count.items()))

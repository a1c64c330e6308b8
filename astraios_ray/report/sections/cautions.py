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
    best = [row for row in board.best_per_method.values() if row in rows]
    single = [row.method for row in best if not row.seeds]
    if len(rows) < 2 or not single:
        return
    whose = listed(single) if len(single) < len(best) else "every method"
    yield (
        f"One training seed alone speaks for {whose}: another may change the order "
        "(`evaluate.seeds` trains the best anew)."
    )


def _edges(board: Leaderboard) -> Iterable[str]:
    ends = [f"{edge.method} (the {'upper' if edge.upper else 'lower'} one)" for edge in edges(board)]
    if ends:
        yield (
            f"The best learning rate lies at an end of its range for {listed(ends)}: a better one may lie "
            "outside."
        )


def _unequal(board: Leaderboard) -> Iterable[str]:
    """Methods whose best was chosen from unequal numbers of trials."""
    rows = [row for row in board.ranked if row.method in board.methods]
    trials = {method: sum(row.method == method for row in rows) for method in board.methods}
    scored = {method: sum(row.method == method for row in board.scored) for method in board.methods}
    for counts, noun in ((trials, "measured trials"), (scored, "scored trials")):
        present = {method: number for method, number in counts.items() if number}
        if len(set(present.values())) > 1:
            yield (
                f"A method stands with its best of unequal numbers of {noun} ({_by_count(present)}): the "
                "best of more is higher by luck alone."
            )


def _by_count(counts: Mapping[str, int]) -> str:
    """``full 3; lora and ia3 2``: the methods of each count, the largest first."""
    by_count = {number: [m for m, n in counts.items() if n == number] for number in sorted(counts.values())}
    return "; ".join(f"{listed(names)} {count(number)}" for number, names in reversed(by_count.items()))

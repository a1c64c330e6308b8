"""How the trials and steps of a study were split over its methods."""

from collections import Counter

from astraios_ray.report.analysis.leaderboard import Leaderboard, section
from astraios_ray.report.wording import listed


def split_sentences(board: Leaderboard) -> list[str]:
    """One sentence; none for a study of one method."""
    trials, steps = Counter[str](), Counter[str]()
    for row in board.rows:
        trials[row.method] += 1
        steps[row.method] += row.result.last.step if row.result.last else 0
    if len(trials) < 2 or not steps.total():
        return []
    parts = [f"{method} {trials[method]} ({100 * steps[method] / steps.total():.0f} %)" for method in trials]
    within = section(board.record.config, "search").get("sampler") == "per_method"
    rivals = "its method alone" if within else "all methods"
    split = f"Trials (and share of all steps) of each method: {listed(parts)}."
    return [f"{split} A trial was compared with those of {rivals}."]

"""The winner's score, corrected for having been chosen for that score."""

import numpy as np

from astraios_ray.records import Score
from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.statistics.winner import ChosenScore, chosen_score


def chosen_winner(board: Leaderboard) -> ChosenScore | None:
    """The score of the first trial without the luck of its choice among the trials that competed with it.

    Those are the scored trials with the same problems; where the winner's score is a mean over seeds, those
    with such a mean, since the others rank below it. None with fewer than two, and where the ranking metric
    is no mean over recorded problems.
    """
    rivals = [row for row in board.scored if bool(row.seeds) == bool(board.scored[0].seeds)]
    scores = [row.score for row in rivals if row.score and row.score.is_mean_of_solved]
    first = rivals[0].score if rivals else None
    alike = [score for score in scores if first and score.solved.keys() == first.solved.keys()]
    if first not in alike or len(alike) < 2:
        return None
    problems = sorted(alike[0].solved)  # resamples are drawn in their order, and a journal has another
    shares = np.array([[score.solved[problem] for problem in problems] for score in alike])
    of_seeds = rivals[0].interval if alike[0].seeds > 1 else None  # it holds their luck
    return chosen_score(shares, [_unit(alike[0], problem) for problem in problems], of_seeds)


def _unit(score: Score, problem: str) -> str:
    return score.groups.get(problem, problem)

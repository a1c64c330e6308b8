"""Means over seeds instead of the run that was chosen."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.analysis.paired_comparison import PairVerdict, pairs, sides
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.sections.conclusion import warnings
from astraios_ray.report.statistics.independent_errors import gap_p_value
from astraios_ray.report.statistics.seeds import interval_over_seeds
from tests.fakes.planted_studies import Numbers, solved
from tests.fakes.study_records import record, result, score


def scored(shares: Sequence[float]) -> Score:
    mean = float(np.mean(shares))
    half = 1.96 * float(np.std(shares, ddof=1)) / len(shares) ** 0.5
    bare = score(mean, half, problems=len(shares))
    return replace(bare, solved={f"p{n}": float(share) for n, share in enumerate(shares)})


def repeat(trial: TrialResult, turn: int, loss: float, *scores: Score) -> TrialResult:
    spec = replace(trial.spec, number=trial.spec.number + 10_000 * turn, seed=turn, repeat_of=trial.spec.id)
    return replace(trial, spec=spec, points=(replace(trial.points[-1], loss=loss),), scores=scores)


def study(**methods: tuple[float, Sequence[float]]) -> StudyRecord:
    """Each method's trial with the loss of the chosen run, and those of its repeats; scores are 1 - loss."""
    results = []
    for number, (method, (best, repeats)) in enumerate(methods.items()):
        first = result(number, method, losses={200: best}, scores=(score(1 - best, 0.02),))
        results += [first]
        results += [
            repeat(first, turn, loss, score(1 - loss, 0.02)) for turn, loss in enumerate(repeats, start=1)
        ]
    return record(*results, methods=dict.fromkeys(methods))


def board(**methods: tuple[float, Sequence[float]]) -> Leaderboard:
    return leaderboard(study(**methods))


def test_a_repeated_trial_counts_with_the_mean_of_its_repeats_alone() -> None:
    (row,) = board(lora=(0.1, [0.3, 0.4, 0.5])).rows
    assert row.trial == "t0000"
    assert [row.validation_loss, row.value] == pytest.approx([0.4, 0.6])
    assert row.score and row.score.seeds == 3
    assert [seed.spec.id for seed in row.seeds] == ["t10000", "t20000", "t30000"]


def test_a_lucky_run_does_not_rank_first() -> None:
    standings = board(lora=(0.1, [0.3, 0.4, 0.5]), ia3=(0.2, [0.2, 0.25, 0.3]))
    assert [row.method for row in standings.ranked] == ["ia3", "lora"]


def test_a_trial_that_was_not_repeated_ranks_below_those_that_were() -> None:
    standings = board(lora=(0.5, [0.5, 0.5, 0.6]), ia3=(0.1, []))
    assert [row.method for row in standings.ranked] == ["lora", "ia3"]


def test_one_repeat_is_no_mean() -> None:
    (row,) = board(lora=(0.1, [0.3])).rows
    assert (row.validation_loss, row.seeds) == (0.1, ())


def test_repeats_that_broke_are_told_and_left_out() -> None:
    full_study = study(lora=(0.1, [0.3, 0.4, 0.5]))
    diverged = replace(full_study.results[-1], state=TrialState.DIVERGED)
    standings = leaderboard(replace(full_study, results=(*full_study.results[:-1], diverged)))
    assert standings.rows[0].validation_loss == pytest.approx(0.35)
    (sentence,) = (warning for warning in warnings(standings) if "repeat" in warning)
    assert "1 of 3 repeats" in sentence and "t30000 (lora, diverged)" in sentence and "too good" in sentence


def test_the_interval_of_a_mean_is_wider_than_that_of_one_run() -> None:
    (row,) = board(lora=(0.1, [0.3, 0.4, 0.5])).rows
    assert row.interval
    between = stats.t.ppf(0.975, 2) * 0.1 / 3**0.5
    assert (row.interval[1] - row.interval[0]) / 2 > 0.95 * between


def test_equal_losses_have_no_spread() -> None:
    assert interval_over_seeds([0.5, 0.5, 0.5], [], 1) == (0.5, 0.5)
    assert gap_p_value(0.0, []) == 1.0 and gap_p_value(0.1, []) < 1e-9


def test_the_report_shows_means_spreads_and_the_chosen_runs() -> None:
    standings = board(lora=(0.1, [0.3, 0.4, 0.5]), ia3=(0.2, [0.2, 0.25, 0.3]))
    part = next(section for section in sections(standings) if section.key == "seeds")
    assert "2 configurations trained anew" in part.sentences[0]
    assert part.values["trials"]["t0000"]["loss"]["mean"] == pytest.approx(0.4)
    assert part.values["trials"]["t0000"]["score"]["chosen"] == pytest.approx(0.9)
    ((_, content),) = part.tables
    assert len(content.lines) == 2 and "10.0" in [cell.text for cell in content.lines[1]]
    trials = {trial["trial"]: trial for trial in document(standings)["trials"]}
    assert [repeat["trial"] for repeat in trials["t0001"]["repeats"]] == ["t10001", "t20001", "t30001"]


def test_a_study_without_repeats_has_no_such_part() -> None:
    assert "seeds" not in {part.key for part in sections(board(lora=(0.1, [])))}


ABILITY, SEEDS, PROBLEMS, SAMPLES = 0.0, 3, 80, 10


def simulated(
    rng: np.random.Generator, luck: float, number: int = 0, method: str = "lora", hard: Numbers | None = None
) -> list[TrialResult]:
    """A trial that was chosen of four for its luck, and its repeats; ``luck``: of a seed, in logits."""
    hard = rng.normal(0, 1.5, PROBLEMS) if hard is None else hard
    lucky = np.max(rng.normal(0, luck, 4))
    abilities = ABILITY + np.array([lucky, *rng.normal(0, luck, SEEDS)])
    lucky_score, *repeat_scores = (
        scored(shares.tolist()) for shares in solved(rng, abilities, PROBLEMS, SAMPLES, hard)
    )
    first = result(number, method, losses={200: 1.0 - 0.1 * lucky}, scores=(lucky_score,))
    return [
        first,
        *(repeat(first, turn, 1.0, repeat_score) for turn, repeat_score in enumerate(repeat_scores, start=1)),
    ]


def truth(luck: float) -> float:
    """The mean share solved over all seeds and problems."""
    rng = np.random.default_rng(99)
    draws = rng.normal(0, (luck**2 + 1.5**2 + 1.0) ** 0.5, 400_000)  # seed, problem and knack, in logits
    return float(np.mean(1 / (1 + np.exp(-draws))))


def coverage(luck: float, count: int) -> tuple[float, float]:
    """Share of 95 % intervals that hold the truth: of means over seeds, and of the chosen runs' own."""
    rng, true = np.random.default_rng(int(100 * luck)), truth(luck)
    hits = naive_hits = 0
    for _ in range(count):
        results = simulated(rng, luck)
        row = leaderboard(record(*results)).rows[0]
        assert row.interval
        hits += row.interval[0] <= true <= row.interval[1]
        low, high = results[0].scores[0].intervals["pass_at_1"]
        naive_hits += low <= true <= high
    return hits / count, naive_hits / count


@pytest.mark.parametrize("luck", [0.0, 0.4])
def test_intervals_over_seeds_hold_the_truth_in_95_of_a_hundred(luck: float) -> None:
    share, naive_share = coverage(luck, 200)
    assert stats.binomtest(round(200 * share), 200, 0.95, alternative="less").pvalue > 0.001
    assert share < 1.0 or luck == 0.0
    assert naive_share < share or luck == 0.0


def false_verdicts(luck: float, count: int) -> tuple[float, float]:
    """Share of studies of equal methods with a false verdict: over seeds, by the chosen runs alone."""
    rng, errors, naive_errors = np.random.default_rng(3), 0, 0
    for _ in range(count):
        hard = rng.normal(0, 1.5, PROBLEMS)
        first, second = (simulated(rng, luck, n, m, hard) for n, m in enumerate(("lora", "ia3")))
        for results in ([*first, *second], [first[0], second[0]]):
            (pair,) = pairs(leaderboard(record(*results)))
            errors += pair.verdict is not PairVerdict.TIE and len(results) > 2
            naive_errors += pair.verdict is not PairVerdict.TIE and len(results) == 2
    return errors / count, naive_errors / count


def test_equal_methods_are_rarely_told_apart_whatever_the_luck_of_seeds() -> None:
    share, naive_share = false_verdicts(0.5, 50)
    assert stats.binomtest(round(50 * share), 50, 0.05, alternative="greater").pvalue > 0.001
    assert naive_share > share


def test_methods_far_apart_are_told_apart_over_seeds() -> None:
    rng = np.random.default_rng(4)
    results = []
    for number, (method, ability) in enumerate((("lora", 2.0), ("ia3", -1.0))):
        shares = solved(rng, np.full(4, ability) + rng.normal(0, 0.1, 4), PROBLEMS, SAMPLES)
        best, *repeat_scores = map(scored, shares.tolist())
        first = result(number, method, losses={200: 1.0}, scores=(best,))
        results += [
            first,
            *(
                repeat(first, turn, 1.0, repeat_score)
                for turn, repeat_score in enumerate(repeat_scores, start=1)
            ),
        ]
    standings = leaderboard(record(*results))
    assert [len(side.seeds) for side in sides(standings)] == [3, 3]
    assert pairs(standings)[0].verdict is PairVerdict.BETTER

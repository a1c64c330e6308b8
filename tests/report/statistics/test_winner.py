"""The winner of models with known abilities."""

import numpy as np
import pytest

from astraios_ray.report.statistics.winner import chosen_score

PROBLEMS, SAMPLES, STUDIES = 40, 20, 120
UNITS = [str(number // 2) for number in range(PROBLEMS)]


def scored(rng: np.random.Generator, abilities: np.ndarray) -> np.ndarray:
    """[models, problems]: the share of samples passed; two problems of one unit are alike."""
    hard = rng.normal(0, 3.2, PROBLEMS // 2).repeat(2) + rng.normal(0, 2.4, PROBLEMS)
    skills = abilities[:, None] - hard + rng.normal(0, 3, (len(abilities), PROBLEMS))
    return rng.binomial(SAMPLES, 1 / (1 + np.exp(-skills))) / SAMPLES


def test_the_best_of_equal_models_is_too_high_and_its_corrected_interval_holds() -> None:
    rng, raw, corrected, held = np.random.default_rng(2), list[float](), list[float](), 0
    for _ in range(STUDIES):
        shares = scored(rng, np.zeros(12))
        chosen = chosen_score(shares, UNITS)
        raw.append(shares.mean(1).max() - 0.5)
        corrected.append(chosen.value - 0.5)
        held += chosen.interval[0] <= 0.5 <= chosen.interval[1]
    assert np.mean(raw) > 0.05
    assert abs(float(np.mean(corrected))) < 0.03
    assert held / STUDIES >= 0.93


def test_a_winner_far_ahead_had_no_luck() -> None:
    shares = np.vstack([np.full(PROBLEMS, 0.9), np.full((5, PROBLEMS), 0.1)])
    chosen = chosen_score(shares, UNITS)
    assert chosen.value == pytest.approx(0.9)
    assert chosen.optimism == pytest.approx(0.0)
    assert chosen.models == 6


def test_a_single_model_was_not_chosen() -> None:
    shares = scored(np.random.default_rng(0), np.zeros(1))
    chosen = chosen_score(shares, UNITS)
    assert chosen.optimism == 0.0
    assert chosen.value == pytest.approx(float(shares.mean()))


def test_the_same_scores_give_the_same_correction() -> None:
    shares = scored(np.random.default_rng(1), np.zeros(6))
    assert chosen_score(shares, UNITS) == chosen_score(shares, UNITS)

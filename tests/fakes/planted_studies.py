"""Studies whose truth is known: differences of methods are planted, all else is drawn at random.

A model solves a problem with the chance sigmoid(ability - difficulty + its own knack for that problem), so
models of equal ability differ on single problems, as real ones do.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from astraios_ray.records import StudyRecord, TrialResult
from tests.fakes.study_records import record, result, score

DIFFICULTY, KNACK = 1.5, 1.0  # standard deviations, in logits
Numbers = NDArray[np.float64]


def solved(
    rng: np.random.Generator,
    abilities: Numbers,
    problems: int,
    samples: int,
    difficulty: Numbers | None = None,
) -> Numbers:
    """Shares of samples passed, one row per model: (models, problems)."""
    hard = rng.normal(0, DIFFICULTY, problems) if difficulty is None else difficulty
    knack = rng.normal(0, KNACK, (len(abilities), problems))
    chances = 1 / (1 + np.exp(-(abilities[:, None] - hard + knack)))
    shares: Numbers = rng.binomial(samples, chances) / samples
    return shares


def planted(
    seed: int,
    abilities: Mapping[str, float],
    *,
    trials: int = 3,
    problems: int = 60,
    samples: int = 20,
    spread: float = 0.5,
    proxy: float = 0.9,
    shift: Mapping[str, float] | None = None,
) -> StudyRecord:
    """A finished study of methods with these mean abilities in logits, every trial scored.

    ``spread`` is the trials' standard deviation around them; ``proxy`` the correlation of minus the loss with
    ability; ``shift`` is added to the losses of a method, which then look too bad.
    """
    rng = np.random.default_rng(seed)
    names = [name for name in abilities for _ in range(trials)]
    trial_abilities = np.array([abilities[name] for name in names]) + rng.normal(0, spread, len(names))
    standard = (trial_abilities - trial_abilities.mean()) / (trial_abilities.std() or 1.0)
    noise = rng.normal(size=len(trial_abilities))
    losses = 2 - 0.2 * (proxy * standard + (1 - proxy**2) ** 0.5 * noise)
    losses += np.array([(shift or {}).get(name, 0.0) for name in names])
    shares = solved(rng, trial_abilities, problems, samples)
    results = [
        _trial(number, name, float(loss), share, samples)
        for number, (name, loss, share) in enumerate(zip(names, losses, shares, strict=True))
    ]
    return record(*results, methods=dict.fromkeys(abilities), evaluate={"tasks": ["primer"], "which": "all"})


def _trial(number: int, method: str, loss: float, shares: Numbers, samples: int) -> TrialResult:
    trial_score = score(float(shares.mean()), 0.1, problems=len(shares))
    trial_score = replace(
        trial_score, samples=samples, solved={f"p{place}": float(share) for place, share in enumerate(shares)}
    )
    return result(number, method, losses={200: loss}, scores=(trial_score,))

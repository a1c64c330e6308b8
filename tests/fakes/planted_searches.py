"""Whole studies with a planted truth, from trials to the record: which trial is best is partly luck.

A trial's ability is its method's, less what its learning rate is off the best one, plus the luck of its
training seed. Losses follow abilities, and early ones with more noise. The search halves within each method
by them. What is scored is chosen by loss, and repeats draw other luck. Problems come in families, whose
members are solved alike; a method has a knack for some problems, and each training run one of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState, ValidationPoint
from astraios_ray.search.finalists import finalists
from astraios_ray.search.repeats import missing_repeats
from tests.fakes.planted_studies import Numbers
from tests.fakes.study_records import record, result

METHODS = ("full", "lora", "ia3", "p_tuning", "adapter_h", "adapter_p", "parallel")
DIFFICULTY, KNACK = 4.0, 3.0  # standard deviations in logits: most problems are solved always or never
FAMILY = 0.6  # share of the variance that problems of one family have in common
STEPS = (20, 60, 200)
LOSS_NOISE = (0.15, 0.08, 0.05)  # of the logarithm of the loss at each step
LOSS_OF_ABILITY = 0.25  # by how much a logit of ability lowers the logarithm of the loss
POPULATION = np.random.default_rng(99).normal(0, (DIFFICULTY**2 + KNACK**2) ** 0.5, 20_000)


@dataclass(frozen=True)
class Search:
    """A design: how many trials, problems, samples and repeats, and how much luck there is."""

    trials: Mapping[str, int]
    families: int = 80  # of two problems each
    samples: int = 5
    repeats: int = 0
    luck: float = 0.4  # logits between two training seeds, a standard deviation
    tuning: float = 1.5  # logits lost at a learning rate that is 0.8 of half its range off the best
    which: str = "finalists"


@dataclass(frozen=True)
class PlantedStudy:
    """A study's record, and the true mean share solved of every trial."""

    record: StudyRecord
    truths: Mapping[str, float]


def share_of(ability: float) -> float:
    """The mean share of problems of this kind that a model of this ability solves."""
    return float(_chance(ability - POPULATION).mean())


def ability_of(share: float) -> float:
    """The ability at which that share is solved."""
    abilities = np.linspace(-10, 10, 401)
    return float(np.interp(share, [share_of(ability) for ability in abilities], abilities))


def searched(seed: int, abilities: Mapping[str, float], design: Search) -> PlantedStudy:
    """A finished study of methods with these abilities at their best learning rates."""
    rng = np.random.default_rng([5, seed])
    methods = [method for method in abilities for _ in range(design.trials[method])]
    settings = np.concatenate([_settings(rng, abilities[m], design.trials[m], design) for m in abilities])
    runs = settings + rng.normal(0, design.luck, len(settings))
    exam = _Exam(rng, tuple(abilities), design)
    first = _trained(rng, methods, runs)
    evaluate = EvaluateConfig.model_validate(
        {"tasks": ["primer"], "top": 3, "seeds": design.repeats, "which": design.which}
    )
    chosen = {trial.spec.id for trial in finalists(first, evaluate)}
    results = [
        exam.scored(trial, run) if trial.spec.id in chosen else trial
        for trial, run in zip(first, runs, strict=True)
    ]
    repeated = [
        (replace(first[int(spec.repeat_of[1:])], spec=spec), settings[int(spec.repeat_of[1:])])
        for spec in missing_repeats(first, evaluate, len(first))
        if spec.repeat_of
    ]
    results += [exam.scored(trial, setting + rng.normal(0, design.luck)) for trial, setting in repeated]
    of_setting = {trial.spec.repeat_of: share_of(setting) for trial, setting in repeated}
    truths = {
        trial.spec.id: of_setting.get(trial.spec.id) or share_of(run)
        for trial, run in zip(first, runs, strict=True)
        if trial.spec.id in chosen
    }
    plain = {"tasks": ["primer"], "which": design.which, "seeds": design.repeats}
    return PlantedStudy(record(*results, methods=dict.fromkeys(abilities), evaluate=plain), truths)


def _settings(rng: np.random.Generator, ability: float, count: int, design: Search) -> Numbers:
    """The abilities of a method's settings: learning rates from a Latin hypercube, the best one drawn."""
    rates = (rng.permutation(count) + rng.random(count)) / count * 2 - 1
    lost: Numbers = 1.5 * design.tuning * (rates - rng.uniform(-0.5, 0.5)) ** 2
    return ability - lost


def _trained(rng: np.random.Generator, methods: Sequence[str], runs: Numbers) -> list[TrialResult]:
    """Every trial with its losses: the better half of a method goes on at each rung, the best to the end."""
    last = np.exp(-LOSS_OF_ABILITY * runs)
    losses = [last * np.exp(noise * rng.normal(size=len(runs))) for noise in LOSS_NOISE]
    results = []
    for number, method in enumerate(methods):
        peers = [n for n, name in enumerate(methods) if name == method]
        first, second = (sorted(peers, key=lambda n: losses[rung][n]) for rung in (0, 1))
        halved = first[: max(1, len(peers) // 2)]
        best = [n for n in second if n in halved][: max(1, len(peers) // 4)]
        rungs = 1 + (number in halved) + (number in best)
        points = {step: float(losses[rung][number]) for rung, step in enumerate(STEPS[:rungs])}
        state = TrialState.COMPLETE if rungs == len(STEPS) else TrialState.STOPPED
        seen = tuple(ValidationPoint(step, loss, loss, 1.0) for step, loss in points.items())
        results.append(replace(_untrained(number, method), points=seen, state=state))
    return results


@cache
def _untrained(number: int, method: str) -> TrialResult:
    """A trial without losses; the same in every study."""
    return result(number, method, losses={STEPS[-1]: 1.0})


class _Exam:
    """The problems of one study: how hard each is, and which method has a knack for it."""

    def __init__(self, rng: np.random.Generator, methods: Sequence[str], design: Search) -> None:
        self.rng, self.samples, self.shape = rng, design.samples, (design.families, 2)
        self.difficulty = self._drawn(DIFFICULTY)
        self.knacks = {method: self._drawn(KNACK * 0.5**0.5) for method in methods}
        self.groups = {f"p{n}": f"f{n // 2}" for n in range(2 * design.families)}

    def scored(self, trial: TrialResult, ability: float) -> TrialResult:
        """The trial with its score on these problems."""
        knack = self.knacks[trial.spec.method] + self._drawn(KNACK * 0.5**0.5)
        chances = _chance(ability - self.difficulty + knack)
        shares = (self.rng.binomial(self.samples, chances) / self.samples).ravel().tolist()
        spans = {"pass_at_1": mean_interval(shares, list(self.groups.values()))}
        solved = dict(zip(self.groups, shares, strict=True))
        metrics = {"pass_at_1": float(np.mean(shares))}
        return replace(
            trial,
            scores=(
                Score("primer", metrics, spans, len(shares), self.samples, solved=solved, groups=self.groups),
            ),
        )

    def _drawn(self, spread: float) -> Numbers:
        """A number for each problem, with this standard deviation; a family's members are alike."""
        family = self.rng.normal(0, spread * FAMILY**0.5, (self.shape[0], 1))
        drawn: Numbers = family + self.rng.normal(0, spread * (1 - FAMILY) ** 0.5, self.shape)
        return drawn


def _chance(logits: Numbers) -> Numbers:
    chance: Numbers = 1 / (1 + np.exp(-logits))
    return chance

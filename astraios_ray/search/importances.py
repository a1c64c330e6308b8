"""Optuna's importances of the hyperparameters of one method."""

import logging
import warnings
from collections.abc import Mapping, Sequence

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from astraios_ray.records import Value
from astraios_ray.space.domains import Choice, Constant, Domain, Real, Whole

logging.getLogger("optuna").setLevel(logging.WARNING)
BETTER = 0.3  # share of the trials that count as good; Optuna's 0.1 leaves two of twenty, too few


def importances(
    trials: Sequence[tuple[Mapping[str, Value], float]], domains: Mapping[str, Domain]
) -> dict[str, float]:
    """The importance of each sampled parameter, from 0 to 1; the importances sum to 1.

    ``trials`` are values and losses at one step. PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255) takes the
    better 30 % as good. A trial outside the domains, such as an enqueued one, is ignored. Empty where
    no parameter is sampled.
    """
    distributions = {
        name: distribution for name, domain in domains.items() if (distribution := distribution_of(domain))
    }
    if not distributions:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(direction="minimize")
        for values, loss in trials:
            params = {name: values[name] for name in distributions if name in values}
            if len(params) == len(distributions) and all(
                _inside(distributions[name], value) for name, value in params.items()
            ):
                study.add_trial(optuna.create_trial(params=params, distributions=distributions, value=loss))
        judge = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=BETTER)
        if len(study.trials) < 2:
            return {}
        shares: dict[str, float] = optuna.importance.get_param_importances(study, evaluator=judge)
    return shares


def distribution_of(domain: Domain) -> BaseDistribution | None:
    """Optuna's distribution of a domain; None for a constant."""
    match domain:
        case Constant():
            return None
        case Choice(options):
            return CategoricalDistribution(list(options))
        case Whole(low, high, log, step):
            return IntDistribution(low, high, log, step)
        case Real(low, high, log, step):
            return FloatDistribution(low, high, log, step)


def _inside(distribution: BaseDistribution, value: Value) -> bool:
    if isinstance(distribution, CategoricalDistribution):
        return value in distribution.choices
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    return isinstance(value, int | float) and distribution.low <= value <= distribution.high

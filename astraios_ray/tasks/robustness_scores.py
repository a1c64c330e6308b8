"""Compute ReCode's robust pass@k from verdicts on perturbed problems."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from astraios_ray.evaluation.metrics import PASS_AT, Metric, Tally, mean_of, solved_by_any
from astraios_ray.records import Outcome, Verdict

_log = logging.getLogger(__name__)

NOMINAL = "nominal"  # the transformation of rows that are not perturbed


@dataclass(frozen=True)
class Trial:
    """One sample of one variant of one problem. A variant is a transformation with a seed."""

    problem: str
    variant: tuple[str, int]
    sample: int
    passed: bool
    sound: bool = True  # whether the variant's own reference passes


def trials_of(verdicts: Iterable[Verdict]) -> list[Trial]:
    """One trial per verdict, from its facts ``task``, ``transformation``, ``seed`` and ``sound``."""
    return [
        Trial(
            str(verdict.facts["task"]),
            (str(verdict.facts["transformation"]), int(verdict.facts["seed"] or 0)),
            verdict.sample,
            verdict.outcome is Outcome.PASSED,
            verdict.facts["sound"] is True,
        )
        for verdict in verdicts
    ]


def robust_tallies(trials: Sequence[Trial], *, sound_only: bool = False) -> dict[str, Tally]:
    """Per problem: how many of its samples pass all variants of it, RC_s of n.

    Completions of the variants with the same sample number form one sample (Wang et al. 2022, arXiv
    2212.10264, section 4.1). A sample that lacks a variant is left out, and so is a problem without samples.
    ``sound_only`` ignores variants whose own reference fails.
    """
    variants = len({trial.variant for trial in trials})
    unsound: dict[str, set[tuple[str, int]]] = defaultdict(set)
    passes: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        if sound_only and not trial.sound:
            unsound[trial.problem].add(trial.variant)
        else:
            passes[trial.problem][trial.sample].append(trial.passed)
    robust_samples = {
        problem: [all(of) for of in samples.values() if len(of) == variants - len(unsound[problem])]
        for problem, samples in passes.items()
    }
    return {problem: Tally(sum(of), len(of)) for problem, of in robust_samples.items() if of}


def robustness(category: str, verdicts: Iterable[Verdict]) -> dict[str, Metric]:
    """All metrics of one category's perturbed problems.

    ``robust_pass_at_<k>/<transformation>``: worst case over the seeds.
    ``robust_pass_at_<k>/<category>``: worst case over all transformations and seeds (ReCode's
    report_coarse). ``perturbed_pass_at_1/<category>``: mean over seeds, then over transformations. With
    verdicts on rows that are not perturbed, ``pass_at_<k>`` on them, and ``robust_change_at_<k>/<category>``,
    |pass@k - RP@k| on the same problems (RC@k of Astraios, arXiv 2401.00788).

    Rows whose own reference fails count as failures, as in the published numbers.
    ``sound_share/<category>`` is the share of the other rows, and ``robust_pass_at_<k>_sound/<category>`` is
    the worst case over them.
    """
    trials = trials_of(verdicts)
    _tell_unsound(trials)
    nominal = [trial for trial in trials if trial.variant[0] == NOMINAL]
    perturbed = [trial for trial in trials if trial.variant[0] != NOMINAL]
    by_transformation: dict[str, list[Trial]] = defaultdict(list)
    for trial in perturbed:
        by_transformation[trial.variant[0]].append(trial)
    metrics = dict[str, Metric]()
    for name, of_one in [*sorted(by_transformation.items()), (category, perturbed)]:
        metrics |= _at_k("robust_pass_at_{k}/" + name, robust_tallies(of_one))
    metrics |= _at_k("robust_pass_at_{k}_sound/" + category, robust_tallies(perturbed, sound_only=True))
    if perturbed:
        metrics[f"perturbed_pass_at_1/{category}"] = mean_of(_means(perturbed))
        sound = {(trial.problem, trial.variant): float(trial.sound) for trial in perturbed}
        metrics[f"sound_share/{category}"] = mean_of(list(sound.values()), [problem for problem, _ in sound])
    return metrics | _change(category, robust_tallies(nominal), robust_tallies(perturbed))


def _tell_unsound(trials: Sequence[Trial]) -> None:
    rows = {(trial.problem, trial.variant): trial.sound for trial in trials}
    unsound = [f"{name}/{seed}/{problem}" for (problem, (name, seed)), sound in rows.items() if not sound]
    if unsound:
        _log.warning(
            "%d of %d perturbed rows fail with their own reference and count as failures: %s",
            len(unsound),
            len(rows),
            ", ".join(unsound),
        )


def _means(trials: Sequence[Trial]) -> list[float]:
    """Per problem: the mean over transformations of the share of seeds and samples that pass."""
    passes: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        passes[trial.problem][trial.variant[0]].append(trial.passed)
    return [fmean(fmean(of) for of in by_transformation.values()) for by_transformation in passes.values()]


def _change(category: str, nominal: Mapping[str, Tally], robust: Mapping[str, Tally]) -> dict[str, Metric]:
    """pass@k on unperturbed rows, and its distance from robust pass@k."""
    problems = [problem for problem in nominal if problem in robust]
    nominal_metrics = _at_k("pass_at_{k}", {problem: nominal[problem] for problem in problems})
    robust_metrics = _at_k("pass_at_{k}", {problem: robust[problem] for problem in problems})
    changes = {
        name.replace("pass_at", "robust_change_at") + f"/{category}": Metric(
            abs(nominal_metrics[name].value - robust_metrics[name].value), None, nominal_metrics[name].count
        )
        for name in nominal_metrics
        if name in robust_metrics
    }
    return nominal_metrics | changes


def _at_k(name: str, tallies: Mapping[str, Tally]) -> dict[str, Metric]:
    """``name`` for each k that all problems have samples for; empty when there is no problem."""
    fewest = min((tally.samples for tally in tallies.values()), default=0)
    return {
        name.format(k=k): mean_of(solved_by_any(list(tallies.values()), k)) for k in PASS_AT if k <= fewest
    }

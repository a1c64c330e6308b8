"""Judge completions and make one score of the verdicts.

Problems are judged independently; ``spread`` says where. The default judges them one after another in this
process; a cluster passes its own. Only names and plain values go to another machine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import DataError, SandboxError
from astraios_ray.evaluation.by_region import INSIDE, OUTSIDE, Scenario, scenario
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.evaluation.metrics import Metric, tally
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import (
    ONE_PROCESS,
    UNJUDGEABLE,
    Completion,
    EvalTask,
    Outcome,
    Score,
    Value,
    Verdict,
)
from astraios_ray.sandbox.protocol import Sandbox

Batch: TypeAlias = Sequence[Completion]  # of one problem, with texts that differ
JudgeBatch: TypeAlias = Callable[[Batch], Sequence[Verdict]]
Spread: TypeAlias = Callable[[JudgeBatch, Iterable[Batch]], Iterable[Sequence[Verdict]]]  # in any order

ATTEMPTS = 3  # at one sample, when the sandbox breaks
TOLERATED = 0.001  # share of samples that may be unscored
_LARGEST_BATCH = 40


def judge_all(
    evaluator: str | Path,
    completions: Iterable[Completion],
    sandbox: Sandbox,
    spread: Spread | None = None,
    cache: KnownVerdicts | None = None,
) -> list[Verdict]:
    """One verdict per completion, in their order. Equal texts for one problem are judged once.

    ``completions`` can be a generator: a problem is judged as soon as the next one begins.
    ``cache`` carries verdicts from one call to the next.
    """
    cache = KnownVerdicts() if cache is None else cache
    name, items = str(evaluator), list[Completion]()
    by_sample: dict[tuple[str, int], Completion] = {}  # those that were sent out
    unscored: dict[tuple[str, str], Verdict] = {}
    work = partial(judge_batch, evaluator, sandbox)
    for verdicts in (spread or in_process)(work, _batches(name, completions, cache, items, by_sample)):
        for verdict in verdicts:
            item = by_sample[verdict.problem, verdict.sample]
            cache.keep(name, item, verdict)
            if verdict.outcome is Outcome.UNSCORED:
                unscored[item.problem, item.text] = verdict
    return [
        cache.find(name, item) or replace(unscored[item.problem, item.text], sample=item.sample)
        for item in items
    ]


def judge_eval_task(
    eval_task: EvalTask,
    completions: Iterable[Completion],
    sandbox: Sandbox,
    description: Mapping[str, Value],
    *,
    spread: Spread | None = None,
    cache: KnownVerdicts | None = None,
) -> Score:
    """The score of the model of ``eval_task`` for its ``completions``; other arguments as below."""
    verdicts = judge_all(eval_task.evaluator, completions, sandbox, spread, cache)
    return score(
        eval_task.evaluator, verdicts, description, scenario(eval_task.evaluator, eval_task.spec.data)
    )


def judge_batch(evaluator: str | Path, sandbox: Sandbox, batch: Batch) -> Sequence[Verdict]:
    """Judge completions of one problem. Takes the evaluator's name, so that any machine can judge.

    Raises SandboxError when the sandbox breaks, DataError when there is no such problem.
    """
    problems, problem = load_problems(evaluator), batch[0].problem
    if problem not in problems:
        raise DataError(f"evaluator {evaluator}: has no problem {problem!r}.")
    return load_evaluator(evaluator).judge(problems[problem], batch, sandbox)


def in_process(work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
    """Judge in this process: the default ``spread``."""
    return (attempted(work, batch) for batch in batches)


@dataclass(frozen=True)
class Attempt:
    """The attempt ``number`` to judge a batch."""

    batch: Batch
    number: int = 1

    def next(self) -> list["Attempt"]:
        """The next attempts after the sandbox broke: each sample by itself, so that none harms another."""
        return [] if self._last else [Attempt([item], self.number + 1) for item in self.batch]

    def verdicts(self, error: SandboxError) -> list[Verdict]:
        """The verdicts after the last attempt broke: each sample is UNSCORED, never FAILED."""
        if not self._last:
            return []
        detail = str(error)[:300]
        return [Verdict(item.problem, item.sample, Outcome.UNSCORED, detail) for item in self.batch]

    @property
    def _last(self) -> bool:
        return self.number == ATTEMPTS


def score(
    evaluator: str | Path,
    verdicts: Sequence[Verdict],
    sandbox: Mapping[str, Value],
    sides: Scenario | None = None,
) -> Score:
    """The score of one model: the evaluator's metrics, each with its interval.

    With ``sides`` each metric occurs three times: over all problems, as ``<metric>/region`` over those
    in the masked region, and as ``<metric>/rest`` over the others; a side without problems has none. Problems
    that cannot be judged here are left out and named. Raises SandboxError when none is left, or when more
    than 0.1 % of the other samples are unscored; below that they are left out and counted. ``sandbox`` is the
    sandbox's description of itself.
    """
    unjudgeable = {
        item.problem: str(item.facts[UNJUDGEABLE]) for item in verdicts if UNJUDGEABLE in item.facts
    }
    verdicts = [verdict for verdict in verdicts if verdict.problem not in unjudgeable]
    if unjudgeable and not verdicts:
        raise SandboxError(f"evaluator {evaluator}: no problem can be judged here: {reasons_of(unjudgeable)}")
    left_out = sum(verdict.outcome is Outcome.UNSCORED for verdict in verdicts)
    if not verdicts or left_out > TOLERATED * len(verdicts):
        reasons = (verdict.detail for verdict in verdicts if verdict.outcome is Outcome.UNSCORED)
        raise SandboxError(
            f"evaluator {evaluator}: {left_out} of {len(verdicts)} samples are unscored, "
            f"at most {TOLERATED:.1%} may be: {next(reasons, 'none was written')}"
        )
    tallies, scorer, groups = tally(verdicts), load_evaluator(evaluator), groups_of(evaluator)
    scored = [
        replace(verdict, group=groups.get(verdict.problem, ""))
        for verdict in verdicts
        if verdict.outcome is not Outcome.UNSCORED
    ]
    metrics = {**scorer.metrics(scored), **(_by_side(scorer, scored, sides) if sides else {})}
    return Score(
        evaluator=parse_task(evaluator).label,
        metrics={name: metric.value for name, metric in metrics.items()},
        intervals={name: metric.interval for name, metric in metrics.items() if metric.interval},
        counts={name: metric.count for name, metric in metrics.items()},
        problems=len(tallies),
        samples=min(counts.samples for counts in tallies.values()),
        unscored=left_out,
        unsupported=sum(verdict.outcome is Outcome.UNSUPPORTED_VALUE for verdict in verdicts),
        unjudgeable=unjudgeable,
        one_process=tuple(dict.fromkeys(item.problem for item in verdicts if item.facts.get(ONE_PROCESS))),
        solved={problem: counts.passed / counts.samples for problem, counts in tallies.items()},
        groups={problem: groups[problem] for problem in tallies if problem in groups},
        sandbox=dict(sandbox),
        region=dict(sides.boundaries) if sides else {},
        ranking=scorer.ranking,
    )


def reasons_of(unjudgeable: Mapping[str, str]) -> str:
    """The reasons, each with the problems that it holds for."""
    problems: dict[str, list[str]] = {}
    for problem, reason in unjudgeable.items():
        problems.setdefault(reason, []).append(problem)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in problems.items())


def groups_of(evaluator: str | Path) -> dict[str, str]:
    """The group of each problem that belongs to one."""
    return {name: problem.group for name, problem in load_problems(evaluator).items() if problem.group}


def _by_side(scorer: Evaluator, scored: Sequence[Verdict], sides: Scenario) -> dict[str, Metric]:
    """The metrics of the problems in the region and of the others, where there are any."""
    by_side: dict[str, list[Verdict]] = {INSIDE: [], OUTSIDE: []}
    for verdict in scored:
        by_side[sides.side(verdict.problem)].append(verdict)
    return {
        f"{name}/{side}": metric
        for side, verdicts in by_side.items()
        if verdicts
        for name, metric in scorer.metrics(verdicts).items()
    }


def _batches(
    evaluator: str,
    completions: Iterable[Completion],
    cache: KnownVerdicts,
    items: list[Completion],
    by_sample: dict[tuple[str, int], Completion],
) -> Iterator[Batch]:
    """The completions to judge, by problem. Adds all to ``items``, and those to judge to ``by_sample``."""
    for _, group in groupby(completions, key=lambda completion: completion.problem):
        of_one_problem = list(group)
        items += of_one_problem
        new = [item for item in of_one_problem if cache.find(evaluator, item) is None]
        distinct = list({(item.text, item.whole): item for item in new}.values())
        by_sample.update({(item.problem, item.sample): item for item in distinct})
        for start in range(0, len(distinct), _LARGEST_BATCH):
            yield distinct[start : start + _LARGEST_BATCH]


def attempted(work: JudgeBatch, batch: Batch) -> Sequence[Verdict]:
    """The verdicts of one batch; a sample is UNSCORED after three attempts that broke."""
    attempts, verdicts = [Attempt(batch)], list[Verdict]()
    while attempts:
        attempt = attempts.pop(0)
        try:
            verdicts += work(attempt.batch)
        except SandboxError as error:
            attempts += attempt.next()
            verdicts += attempt.verdicts(error)
    return verdicts

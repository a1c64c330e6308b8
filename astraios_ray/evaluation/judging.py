"""Judge what a model wrote, and make one score of it.

Problems are judged independently; ``spread`` says how to do many. The default does them here, one after
another; a cluster passes its own. What crosses to another machine are names and plain values.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import DataError, SandboxError
from astraios_ray.evaluation.by_region import INSIDE, OUTSIDE, Scenario
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.evaluation.metrics import Metric, tally
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import Completion, Outcome, Score, Value, Verdict
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
    known: KnownVerdicts | None = None,
) -> list[Verdict]:
    """One verdict per completion, in their order. Equal texts for one problem are judged once.

    ``completions`` may still be being written: a problem is judged as soon as the next one begins.
    ``known`` carries verdicts from one call to the next.
    """
    known = KnownVerdicts() if known is None else known
    name, written = str(evaluator), list[Completion]()
    asked: dict[tuple[str, int], Completion] = {}  # those that were sent out
    lost: dict[tuple[str, str], str] = {}
    work = partial(judge_batch, evaluator, sandbox)
    for verdicts in (spread or here)(work, _batches(name, completions, known, written, asked)):
        for verdict in verdicts:
            item = asked[verdict.problem, verdict.sample]
            known.keep(name, item, verdict)
            if verdict.outcome is Outcome.UNSCORED:
                lost[item.problem, item.text] = verdict.detail
    return [
        known.find(name, item)
        or Verdict(item.problem, item.sample, Outcome.UNSCORED, lost[item.problem, item.text])
        for item in written
    ]


def judge_batch(evaluator: str | Path, sandbox: Sandbox, batch: Batch) -> Sequence[Verdict]:
    """Judge completions of one problem. Takes the evaluator's name, so that any machine can do it.

    Raises SandboxError when the sandbox broke, DataError when there is no such problem.
    """
    problems, asked = load_problems(evaluator), batch[0].problem
    if asked not in problems:
        raise DataError(f"evaluator {evaluator}: has no problem {asked!r}.")
    return load_evaluator(evaluator).judge(problems[asked], batch, sandbox)


def here(work: JudgeBatch, batches: Iterable[Batch]) -> Iterator[Sequence[Verdict]]:
    """The default ``spread``: in this process."""
    return (attempted(work, batch) for batch in batches)


@dataclass(frozen=True)
class Attempt:
    """A batch that is judged for the ``number``th time."""

    batch: Batch
    number: int = 1

    def next(self) -> list["Attempt"]:
        """What is tried after the sandbox broke: each sample alone: none costs another its verdict."""
        return [] if self._last else [Attempt([item], self.number + 1) for item in self.batch]

    def verdicts(self, error: SandboxError) -> list[Verdict]:
        """What is said after it broke for the last time: that a sample is unscored, never that it failed."""
        said = Outcome.UNSCORED, str(error)[:300]
        return [Verdict(item.problem, item.sample, *said) for item in self.batch] if self._last else []

    @property
    def _last(self) -> bool:
        return self.number == ATTEMPTS


def score(
    evaluator: str | Path,
    verdicts: Sequence[Verdict],
    sandbox: Mapping[str, Value],
    scenario: Scenario | None = None,
) -> Score:
    """The score of one model: the evaluator's metrics, each with its interval.

    With a ``scenario`` each metric stands there three times: of all problems, and as ``<metric>/region`` and
    ``<metric>/rest`` of those that lie in the masked region and of the others, where any do. Raises
    SandboxError when more than 0.1 % of the samples are unscored; up to that they are left out and counted.
    ``sandbox`` is what the sandbox says of itself.
    """
    left_out = sum(verdict.outcome is Outcome.UNSCORED for verdict in verdicts)
    if not verdicts or left_out > TOLERATED * len(verdicts):
        reasons = (verdict.detail for verdict in verdicts if verdict.outcome is Outcome.UNSCORED)
        raise SandboxError(
            f"evaluator {evaluator}: {left_out} of {len(verdicts)} samples are unscored, "
            f"at most {TOLERATED:.1%} may be: {next(reasons, 'none was written')}"
        )
    tallies, asked = tally(verdicts), load_evaluator(evaluator)
    scored = [verdict for verdict in verdicts if verdict.outcome is not Outcome.UNSCORED]
    metrics = {**asked.metrics(scored), **(_by_side(asked, scored, scenario) if scenario else {})}
    return Score(
        evaluator=parse_task(evaluator).label,
        metrics={name: metric.value for name, metric in metrics.items()},
        intervals={name: metric.interval for name, metric in metrics.items() if metric.interval},
        counts={name: metric.count for name, metric in metrics.items()},
        problems=len(tallies),
        samples=min(one.samples for one in tallies.values()),
        unscored=left_out,
        solved={problem: one.passed / one.samples for problem, one in tallies.items()},
        sandbox=dict(sandbox),
        region=dict(scenario.boundaries) if scenario else {},
        ranking=asked.ranking,
    )


def _by_side(asked: Evaluator, scored: Sequence[Verdict], scenario: Scenario) -> dict[str, Metric]:
    """The metrics of the problems on either side of the region's border, where there are any."""
    sides: dict[str, list[Verdict]] = {INSIDE: [], OUTSIDE: []}
    for verdict in scored:
        sides[scenario.side(verdict.problem)].append(verdict)
    return {
        f"{name}/{side}": metric
        for side, verdicts in sides.items()
        if verdicts
        for name, metric in asked.metrics(verdicts).items()
    }


def _batches(
    evaluator: str,
    completions: Iterable[Completion],
    known: KnownVerdicts,
    written: list[Completion],
    asked: dict[tuple[str, int], Completion],
) -> Iterator[Batch]:
    """What must be judged, problem by problem. Files completions in ``written``, those sent in ``asked``."""
    for _, group in groupby(completions, key=lambda completion: completion.problem):
        of_one_problem = list(group)
        written += of_one_problem
        new = [item for item in of_one_problem if known.find(evaluator, item) is None]
        distinct = list({(item.text, item.whole): item for item in new}.values())
        asked.update({(item.problem, item.sample): item for item in distinct})
        for start in range(0, len(distinct), _LARGEST_BATCH):
            yield distinct[start : start + _LARGEST_BATCH]


def attempted(work: JudgeBatch, batch: Batch) -> Sequence[Verdict]:
    """The verdicts of one batch; each sample is tried three times before it is unscored."""
    attempts, verdicts = [Attempt(batch)], list[Verdict]()
    while attempts:
        attempt = attempts.pop(0)
        try:
            verdicts += work(attempt.batch)
        except SandboxError as error:
            attempts += attempt.next()
            verdicts += attempt.verdicts(error)
    return verdicts

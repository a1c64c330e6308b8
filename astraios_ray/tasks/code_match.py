"""A task whose answer is code, compared as text with the right code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import ClassVar

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.metrics import Metric, mean_of, tally, units_of
from astraios_ray.evaluation.resampling import interval_of_sums, summed, sums_by
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.bleu import COUNTS, bleu_counts, bleu_of_sums
from astraios_ray.tasks.code_pairs import CodePair, read_pairs

INSTRUCTION, INPUT = "instruction", "input"
BARE = "Question: {input}\n\nAnswer:"  # as the template astraios writes a row of the same columns


@dataclass(frozen=True)
class CodeMatch(Evaluator):
    """The common part of such tasks. ``smooth`` applies to BLEU-4, which CodeXGLUE's evaluators smooth.

    With ``ask`` input the question is what a row gives, for a model that was tuned on such rows alone.
    A task says its ``template`` with ``{input}`` for what a row gives, the columns ``input_key`` and
    ``target_key``, and where its rows lie, the ``source``.
    """

    smooth: bool = True
    ask: str = INSTRUCTION  # or input
    data: str = ""
    data_root: str = ""
    stop: tuple[str, ...] = ("\n",)

    greedy = True
    executes = False
    ranking = "exact_match"
    template: ClassVar[str]
    input_key: ClassVar[str]
    target_key: ClassVar[str]
    source: ClassVar[RowSource]

    def __post_init__(self) -> None:
        """Raises ConfigError for another ``ask``."""
        if self.ask not in (INSTRUCTION, INPUT):
            raise ConfigError(f"{self.name}: ask: expected {INSTRUCTION} or {INPUT}, found {self.ask!r}.")

    def problems(self) -> Sequence[Problem]:
        """One problem per row, in order."""
        template = BARE if self.ask == INPUT else self.template
        return [
            Problem(f"{self.name}/{number}", template.format(input=pair.input), {"code": pair.target})
            for number, pair in enumerate(_pairs(self))
        ]

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows."""
        return self.source.describe(self.data, self.data_root)

    def reference(self, problem: Problem) -> Completion | None:
        """The right code as a completion."""
        return Completion(problem.id, 0, f" {problem.answer['code']}")

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Compare texts and run nothing. A text passes with the tokens of the right code, split at blanks."""
        return [_verdict(problem.answer["code"], completion) for completion in completions]

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """``exact_match``, the share of texts that are right, and ``bleu_4`` of all texts together."""
        counts = sums_by((verdict.unit, _counts(verdict)) for verdict in verdicts)
        bleu = partial(bleu_of_sums, smooth=self.smooth)
        value = float(bleu(summed(counts))[0])
        matches = [result.passed / result.samples for result in tally(verdicts).values()]
        return {
            "exact_match": mean_of(matches, units_of(verdicts)),
            "bleu_4": Metric(value, interval_of_sums(counts, bleu), len(matches)),
        }


@cache
def _pairs(task: CodeMatch) -> Sequence[CodePair]:
    return read_pairs(task.source.find(task.data, task.data_root), task.input_key, task.target_key)


def _verdict(code: str, completion: Completion) -> Verdict:
    right = completion.text.split() == code.split()
    facts: dict[str, Value] = dict(zip(COUNTS, bleu_counts(completion.text, code), strict=True))
    outcome = Outcome.PASSED if right else Outcome.FAILED
    return Verdict(completion.problem, completion.sample, outcome, "" if right else "differs", facts)


def _counts(verdict: Verdict) -> list[float]:
    return [float(str(verdict.facts[name])) for name in COUNTS]

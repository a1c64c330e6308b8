"""HumanEval+ and MBPP+: prompts, judging by base tests and by added ones, and a score of each.

Liu et al. 2023 (arXiv 2305.01210). Prompts, stop words and what is taken of an answer are those of evalplus
(github.com/evalplus/evalplus, commit 26d6d00: sanitize.py, and what evalplus_prompts.py names).
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.generations_file import WHOLE, Generations, in_order
from astraios_ray.evaluation.metrics import Metric, passed_at
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.answer_program import needed_program, programs_of
from astraios_ray.tasks.evalplus_prompts import ANSWER_START, INSTRUCTION, stop_of
from astraios_ray.tasks.evalplus_rows import PlusRow
from astraios_ray.tasks.evalplus_tests import prelude_of, test_of
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

PASSED_BASE = "passed_base"  # a fact of verdicts


@dataclass(frozen=True)
class EvalPlus(Evaluator):
    """The common part.

    A benchmark says where its rows lie, the ``rules`` of tasks that accept other answers than the
    reference's, and more strings that end a completion of a prompt.
    """

    name: str
    ask: str = INSTRUCT  # or complete
    data: str = ""  # a file, or builtin
    data_root: str = ""

    source: ClassVar[RowSource]
    rules: ClassVar[Mapping[str, str]]
    stop_of_completions: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)

    @abstractmethod
    def rows(self) -> Sequence[PlusRow]:
        """All rows, in order."""

    @abstractmethod
    def shown(self, row: PlusRow) -> str:
        """The code that states the task."""

    @abstractmethod
    def group(self, row: PlusRow) -> str:
        """The same for this task in other benchmarks."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Those of evalplus for the form of the prompt."""
        return stop_of(self.ask, self.stop_of_completions)

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows, and the function that takes the program out of an answer."""
        origin = self.source.describe(self.data, self.data_root)
        return {**origin, "postprocessing": needed_program.__name__}

    def problems(self) -> Sequence[Problem]:
        """One problem per row, in order. Raises ConfigError or DataError when the rows cannot be read."""
        return [self._problem(row) for row in self.rows()]

    def reference(self, problem: Problem) -> Completion:
        """The row's own solution, as a whole program."""
        return Completion(problem.id, 0, problem.answer["canonical_solution"], whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Rows with ``task_id`` and ``solution`` or ``completion``, as evalplus reads, or whole programs."""
        statements = {problem.id: problem.answer["statement"] for problem in self.problems()}
        if generations.with_ids:
            rows = [[_whole(record, statements) for record in row] for row in generations.rows]
            generations = replace(generations, rows=rows)
        return in_order(generations, list(statements), whole_programs=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run the base tests, and the added ones on the programs that pass these: PASSED passes both."""
        continued = problem.prompt if self.ask == COMPLETE else None
        programs = programs_of(problem, completions, self.stop, continued)
        base = judge_functions(problem, programs, sandbox)
        passed = [
            program
            for program, verdict in zip(programs, base, strict=True)
            if verdict.outcome is Outcome.PASSED
        ]
        answer = {**problem.answer, "test": problem.answer["plus_test"]}
        plus = judge_functions(replace(problem, answer=answer), passed, sandbox) if passed else []
        by_sample = {verdict.sample: verdict for verdict in plus}
        return [_both(verdict, by_sample.get(verdict.sample)) for verdict in base]

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """pass@k of base and added tests together, and ``base_pass_at_<k>`` of the base tests alone."""
        base = [
            replace(verdict, outcome=Outcome.PASSED if verdict.facts[PASSED_BASE] else Outcome.FAILED)
            for verdict in verdicts
        ]
        return {
            **passed_at(verdicts),
            **{f"base_{name}": metric for name, metric in passed_at(base).items()},
        }

    def _problem(self, row: PlusRow) -> Problem:
        shown = self.shown(row).strip()
        question = f"{INSTRUCTION}\n```\n{shown}\n```"
        prompt = shown if self.ask == COMPLETE else prompt_of(question, ANSWER_START)
        answer = {
            "declaration": "",
            "canonical_solution": row.program,
            "entry_point": row.entry_point,
            "prelude": prelude_of(row),
            "test": test_of(row, row.base, self.rules),
            "plus_test": test_of(row, row.plus or row.base, self.rules),
            "statement": row.prompt,
        }
        return Problem(row.task_id, prompt, answer, group=self.group(row))


def _whole(record: object, statements: Mapping[str, str]) -> object:
    """A record of a ``completion``, which goes on with the row's own prompt, as one of a whole program."""
    if not isinstance(record, dict) or not isinstance(record.get("completion"), str):
        return record
    rest = {key: value for key, value in record.items() if key != "completion"}
    return {**rest, WHOLE: statements.get(str(record.get("task_id")), "") + record["completion"]}


def _both(base: Verdict, plus: Verdict | None) -> Verdict:
    """The verdict on both tests; a program that fails the base tests has no ``plus``."""
    if plus is None:
        return replace(base, facts={**base.facts, PASSED_BASE: False})
    return replace(plus, facts={**base.facts, **plus.facts, PASSED_BASE: True})

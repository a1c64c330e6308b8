"""BigCodeBench: write a function that uses many libraries, judged by the row's own unittest classes.

Zhuo et al. 2024 (arXiv 2406.15877). Prompts, stop words, what is taken of an answer and how tests are run are
those of github.com/bigcode-project/bigcodebench (provider/utility.py, sanitize.py, eval/__init__.py), answers
"calibrated" as on its leaderboard. Its values cannot cross, and its tests patch modules, so a program and its
test are one process.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import unjudgeable, verdicts_of
from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.references import limits_from, reference_end
from astraios_ray.evaluation.row_source import RowSource, read_texts
from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.records import Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import FunctionCheck, Limits, Sandbox
from astraios_ray.tasks.answer_program import needed_program, programs_of
from astraios_ray.tasks.evalplus_prompts import ANSWER_START, INSTRUCTION, NEXT_STATEMENTS, stop_of
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

SPLITS = ("instruct", "complete")
KEYS = (
    *("task_id", "complete_prompt", "instruct_prompt", "canonical_solution", "code_prompt"),
    *("test", "entry_point", "libs"),
)
WARM = ("numpy", "pandas", "matplotlib.pyplot", "scipy", "sklearn", "seaborn")  # what most rows import
LIMITS = Limits(memory_mib=8192, cpu_seconds=10, wall_seconds=30.0, processes=64, files=128)
_PRELUDE = "import os, sys\nfrom os import environ\n"  # the names that the benchmark gives to every program
_RUN = """
import unittest
_result = unittest.TestResult()
unittest.defaultTestLoader.loadTestsFromTestCase(TestCases).run(_result)
assert _result.testsRun, "the row has no test"
for _test, _trace in _result.failures + _result.errors:
    raise AssertionError(_test.id().split(".")[-1] + ": " + _trace.strip().split("\\n")[-1])
"""


@dataclass(frozen=True)
class BigCodeBench(Evaluator):
    """The rows of either split. A problem whose reference does not pass here is left out of scores."""

    name: str = "bigcodebench"
    split: str = "instruct"  # a short text; or complete, the function's declaration with its docstring
    ask: str = INSTRUCT  # or complete, of that split
    data: str = ""  # a file, or builtin
    data_root: str = ""
    revision: str = ""  # of the hub's data set, where rows come from there

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)
        if self.split not in SPLITS:
            raise ConfigError(
                f"evaluator bigcodebench: split={self.split}: expected one of {', '.join(SPLITS)}."
            )
        if self.split == "instruct" and self.ask == COMPLETE:
            raise ConfigError(
                "evaluator bigcodebench: ask=complete needs split=complete: an instruction has no program to "
                "go on with."
            )

    @property
    def stop(self) -> tuple[str, ...]:
        """The strings that end an answer in this form of the prompt."""
        return stop_of(self.ask, NEXT_STATEMENTS)

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows, and the function that takes the program out of an answer."""
        origin = self._source().describe(self.data, self.data_root)
        return {**origin, "postprocessing": f"{needed_program.__name__}, calibrated"}

    def problems(self) -> Sequence[Problem]:
        """One problem per row, in order. Raises ConfigError or DataError when the rows cannot be read."""
        path = self._source().find(self.data, self.data_root)
        return [
            Problem(row["task_id"], self._prompt(row), {**row, "statement": row["instruct_prompt"]})
            for row in read_texts(path, KEYS, "task_id")
        ]

    def modules(self, problem: Problem) -> Sequence[str]:
        """The modules that the row names, and those that its program and its test import."""
        texts = (reference_program(problem.answer), problem.answer["test"])
        imported = (name for text in texts for name in _imported(text))
        return sorted({*imported, *_named(problem.answer["libs"])})

    def reference(self, problem: Problem) -> Completion:
        """The row's own solution, as a whole program."""
        return Completion(problem.id, 0, reference_program(problem.answer), whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs, as the benchmark saves them under ``solution``."""
        return in_order(generations, [problem.id for problem in self.problems()], whole_programs=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run the row's tests on each program; UNSCORED where the row's own solution does not pass them."""
        reference = _check(problem.answer, reference_program(problem.answer))
        end = reference_end(reference, sandbox, LIMITS)
        if end.outcome is not Outcome.PASSED:
            return unjudgeable(completions, f"its own solution is {end.outcome} here ({end.detail})")
        limits = limits_from(reference, f"problem {problem.id}", sandbox, LIMITS)
        continued = problem.answer["complete_prompt"] if self.ask == COMPLETE else None
        programs = programs_of(problem, completions, self.stop, continued)
        checks = [_check(problem.answer, program.text) for program in programs]
        return verdicts_of(completions, checks, sandbox, limits)

    def _prompt(self, row: Mapping[str, str]) -> str:
        if self.ask == COMPLETE:
            return row["complete_prompt"].strip()
        problem = row["instruct_prompt"].strip()
        if self.split == "complete":
            problem = f"```\n{row['complete_prompt'].strip()}\n```"
        return prompt_of(f"{INSTRUCTION}\n{problem}", ANSWER_START)

    def _source(self) -> RowSource:
        return RowSource(
            in_root="bigcodebench/v0.1.4.parquet",
            shipped=Path(__file__).parent / "rows" / "bigcodebench.jsonl",
            repository="bigcode/bigcodebench",
            revision=self.revision,
            in_repository="data/v0.1.4-00000-of-00001.parquet",
        )


def reference_program(row: Mapping[str, str]) -> str:
    """The declaration with its docstring, and the solution."""
    return f"{row['complete_prompt']}\n{row['canonical_solution']}"


def _check(row: Mapping[str, str], program: str) -> FunctionCheck:
    """A program behind the declaration, whose imports an answer may have left out."""
    source = f"{row['code_prompt']}\n    pass\n{program}"
    test = f"{row['test']}\n{_RUN}"
    return FunctionCheck(source, row["entry_point"], test, _PRELUDE, one_process=True, warm=WARM)


def _imported(text: str) -> Iterator[str]:
    """The top-level names of absolute imports."""
    try:
        nodes = list(ast.walk(syntax_tree(text)))
    except NO_PYTHON:
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _named(libraries: str) -> list[str]:
    """The names of a list that is written as Python."""
    try:
        names = ast.literal_eval(libraries)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [str(name) for name in names] if isinstance(names, list) else []


evaluator = BigCodeBench()

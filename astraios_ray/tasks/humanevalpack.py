"""HumanEvalPack's rows, the prompts of Astraios for them, and how Python and Java answers are judged.

Muennighoff et al. 2023 (arXiv 2308.07124); prompts are bigcode-evaluation-harness's humanevalpack.py with
``--prompt octocoder``, the form in which Astraios asked (arXiv 2401.00788, section 3).
"""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.config import content
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions, reference_program
from astraios_ray.evaluation.generations_file import Generations, as_text, in_order
from astraios_ray.evaluation.row_source import RowSource, read_texts
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.humanevalpack_java import judge_java
from astraios_ray.tasks.octopack_cut import (
    JAVA_STOP,
    PYTHON_STOP,
    cut_java,
    cut_python,
    without_empty_main,
)

Row = Mapping[str, str]
JUDGED = {"python": "Python", "java": "Java"}
NOT_JUDGED = ("js", "go", "cpp", "rust")  # HumanEvalPack has rows of them in the same format
KEYS = (
    *("task_id", "prompt", "declaration", "canonical_solution", "buggy_solution"),
    *("test", "entry_point", "docstring", "instruction"),
)
_NAME = re.compile(r"^\s*(?:def|public)\s[^(]*?(\w+)\s*\(")

IMPORTS = """\
import math
import re
import sys
import copy
import datetime
import itertools
import collections
import heapq
import statistics
import functools
import hashlib
import string
from typing import *
from collections import *
"""
"""In front of every Python program: the harness's sixteen (IMPORT_HELPER) but the two of numpy.

The jail has no numpy. No verdict of the official generations depends on it (docs/scoring.md).
"""


def prompt_of(question: str, begun: str = "") -> str:
    """The template of Astraios; ``begun`` is what the answer begins with.

    Stripped, since a line end at the end is joined to the blanks after it where a tokenizer saw them.
    """
    return f"Question: {question}\n\nAnswer:\n{begun}".strip()


@dataclass(frozen=True)
class HumanEvalPack(Evaluator):
    """The three tasks' common part. A task adds its name and its question."""

    language: str = "python"
    data: str = ""  # a file, or builtin
    data_root: str = ""

    def __post_init__(self) -> None:
        if self.language in NOT_JUDGED:
            raise ConfigError(
                f"evaluator {self.name}: language={self.language}: HumanEvalPack has such rows, but only "
                "Python and Java are judged (language=python, language=java)."
            )
        if self.language not in JUDGED:
            raise ConfigError(
                f"evaluator {self.name}: language={self.language}: expected python or java; only Python "
                "and Java are judged."
            )

    @abstractmethod
    def question(self, row: Row) -> str:
        """What stands behind ``Question: ``."""

    def begun(self, row: Row) -> str:
        """The part of the program that a model is given to go on with."""
        return row["declaration"]

    def prompt(self, row: Row) -> str:
        """What the model is given."""
        return prompt_of(self.question(row), self.begun(row))

    @property
    def stop(self) -> tuple[str, ...]:
        """The language's stop words in the harness."""
        return PYTHON_STOP if self.language == "python" else JAVA_STOP

    def describe(self) -> Mapping[str, Value]:
        """Where the rows come from, and the function that cuts completions."""
        cut = cut_python if self.language == "python" else cut_java
        return {**self._source().describe(self.data, self.data_root), "postprocessing": cut.__name__}

    def problems(self) -> Sequence[Problem]:
        """One for each row, in their order. Raises ConfigError or DataError when they cannot be read."""
        path = self._source().find(self.data, self.data_root)
        return [self._problem(row) for row in read_texts(path, KEYS, "task_id")]

    def reference(self, problem: Problem) -> Completion:
        """The row's own solution, as a whole program."""
        return Completion(problem.id, 0, reference_program(problem.answer), whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs, as the harness saves them."""
        return self.saved_programs(generations)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Put each program together and run the row's test on it."""
        if self.language == "java":
            return judge_java(problem, completions, sandbox, cut=cut_java, clean=without_empty_main)
        return judge_functions(problem, completions, sandbox, cut=cut_python)

    def saved_programs(
        self, generations: Generations, *, one_row_per_sample: bool = False
    ) -> list[Completion]:
        """Whole programs of a file, each of which must name its problem's function."""
        names = {problem.id: _function_name(problem.answer["declaration"]) for problem in self.problems()}

        def read(problem: str, record: object) -> str:
            text = as_text(problem, record)
            if not re.search(rf"\b{names[problem]}\b", text):
                raise ValueError(
                    f"does not name {names[problem]!r}; expected a whole program that answers {problem}"
                )
            return text

        return in_order(
            generations, list(names), one_row_per_sample=one_row_per_sample, read=read, whole_programs=True
        )

    def _problem(self, row: Row) -> Problem:
        answer = {**row, "declaration": self.begun(row).rstrip()}
        if self.language == "python":
            # a test may use functions and modules that stand in the prompt
            answer |= {"imports": IMPORTS, "prelude": IMPORTS + row["prompt"]}
        else:
            answer["imports"] = "".join(
                f"{line}\n" for line in row["declaration"].split("\n") if line.startswith("import ")
            )
        return Problem(row["task_id"], self.prompt(row), answer)

    def _source(self) -> RowSource:
        return RowSource(
            in_root=f"humanevalpack/{self.language}.jsonl.gz",
            shipped=content.resolve("rows", f"humanevalpack_{self.language}"),
            repository="bigcode/humanevalpack",
            revision="48dbcf3b8935a9f4077f4f0622c9a931f5a453a5",  # of 2023-07-22
            in_repository=f"data/{self.language}/data/humanevalpack.jsonl",
        )


def _function_name(declaration: str) -> str:
    """The name in the last declaration's line. ``entry_point`` is another in three Java rows."""
    found = [match[1] for match in map(_NAME.search, declaration.splitlines()) if match]
    return found[-1] if found else ""

"""HumanEvalPack: its rows, the prompts of Astraios, and the judges of answers in its six languages.

Muennighoff et al. 2023 (arXiv 2308.07124). The prompts are those of bigcode-evaluation-harness,
humanevalpack.py with ``--prompt octocoder``, as in Astraios (arXiv 2401.00788, section 3).
"""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from astraios_ray.config import content
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions, reference_program
from astraios_ray.evaluation.generations_file import Generations, as_text, in_order
from astraios_ray.evaluation.row_source import RowSource, read_texts
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.humanevalpack_java import judge_java
from astraios_ray.tasks.humanevalpack_unit_tests import UNIT_TESTED, judge_unit_tests, mended
from astraios_ray.tasks.octopack_cut import (
    END_OF_TEXT,
    JAVA_STOP,
    PYTHON_STOP,
    cut_braces,
    cut_java,
    cut_python,
    without_empty_main,
)
from astraios_ray.tasks.prompt_forms import prompt_of

Row = Mapping[str, str]
JUDGED = {"python": "Python", "java": "Java", **{name: rules.title for name, rules in UNIT_TESTED.items()}}
KEYS = (
    *("task_id", "prompt", "declaration", "canonical_solution", "buggy_solution"),
    *("test", "entry_point", "docstring", "instruction"),
)
_NAME = re.compile(r"^\s*(?:def|public)\s[^(]*?(\w+)\s*\(")
_SIGNED_NAME = re.compile(r"(\w+)\s*(?:<[^(]*>)?\s*(?:=\s*)?\(")  # in a signature of the other languages

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
"""Imports in front of every Python program: the sixteen of the harness (IMPORT_HELPER) but two of numpy."""

NUMPY_IMPORTS = """\
try:
    import numpy
    import numpy as np
except ImportError:
    pass
"""
"""Those two, in front of the programs that use them: they take ten times as long as all others together."""
_USES_NUMPY = re.compile(r"\b(?:np|numpy)\b")


@dataclass(frozen=True)
class HumanEvalPack(Evaluator):
    """The common part of the three tasks. A task adds its name and its question."""

    language: str = "python"
    data: str = ""  # a file, or builtin
    data_root: str = ""

    def __post_init__(self) -> None:
        if self.language not in JUDGED:
            raise ConfigError(
                f"evaluator {self.name}: language={self.language}: expected one of {', '.join(JUDGED)}."
            )

    @abstractmethod
    def question(self, row: Row) -> str:
        """The text behind ``Question: ``."""

    def answer_start(self, row: Row) -> str:
        """The start of the program, which the model continues."""
        return self.declared(row)

    def declared(self, row: Row) -> str:
        """The code in front of a solution, without a docstring."""
        rules = UNIT_TESTED.get(self.language)
        return rules.start + mended(row) if rules else row["declaration"]

    def prompt(self, row: Row) -> str:
        """The prompt of a row."""
        return prompt_of(self.question(row), self.answer_start(row))

    @property
    def stop(self) -> tuple[str, ...]:
        """The stop words of the language in the harness."""
        if self.language in UNIT_TESTED:
            return (*UNIT_TESTED[self.language].stop, END_OF_TEXT)
        return PYTHON_STOP if self.language == "python" else JAVA_STOP

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows, and the function that cuts completions."""
        cut = {"python": cut_python, "java": cut_java}.get(self.language, cut_braces)
        return {**self._source().describe(self.data, self.data_root), "postprocessing": cut.__name__}

    def problems(self) -> Sequence[Problem]:
        """One problem per row, in order. Raises ConfigError or DataError when the rows cannot be read."""
        path = self._source().find(self.data, self.data_root)
        keys = (*KEYS, *UNIT_TESTED[self.language].keys) if self.language in UNIT_TESTED else KEYS
        return [self._problem(row) for row in read_texts(path, keys, "task_id")]

    def reference(self, problem: Problem) -> Completion:
        """The row's own solution, as a whole program."""
        return Completion(problem.id, 0, reference_program(problem.answer), whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs, as the harness saves them."""
        return self.saved_programs(generations)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Build each program and run the row's test on it."""
        if self.language == "java":
            return judge_java(problem, completions, sandbox, cut=cut_java, clean=without_empty_main)
        if self.language in UNIT_TESTED:
            return judge_unit_tests(problem, completions, sandbox, UNIT_TESTED[self.language])
        return _judge_python(problem, completions, sandbox)

    def saved_programs(
        self, generations: Generations, *, one_row_per_sample: bool = False
    ) -> list[Completion]:
        """The whole programs of a file; each must name the function of its problem."""
        names = {problem.id: _function_name(problem.answer) for problem in self.problems()}

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
        answer = {**row, "declaration": self.answer_start(row).rstrip()}
        if self.language == "python":
            # a test can use functions and modules of the prompt
            answer |= {"imports": IMPORTS, "prelude": IMPORTS + row["prompt"]}
        elif self.language in UNIT_TESTED:
            answer["declared"] = mended(row)
        else:
            answer["imports"] = "".join(
                f"{line}\n" for line in row["declaration"].split("\n") if line.startswith("import ")
            )
        number = row["task_id"].rpartition("/")[2]  # the same problem in every language
        return Problem(row["task_id"], self.prompt(row), answer, group=f"HumanEval/{number}")

    def _source(self) -> RowSource:
        return RowSource(
            in_root=f"humanevalpack/{self.language}.jsonl.gz",
            shipped=content.resolve("rows", f"humanevalpack_{self.language}"),
            repository="bigcode/humanevalpack",
            revision="48dbcf3b8935a9f4077f4f0622c9a931f5a453a5",  # of 2023-07-22
            in_repository=f"data/{self.language}/data/humanevalpack.jsonl",
        )


def _judge_python(problem: Problem, completions: Sequence[Completion], sandbox: Sandbox) -> list[Verdict]:
    """One verdict per completion, in order; those that use numpy get its imports."""
    with_numpy = replace(problem, answer={**problem.answer, "imports": IMPORTS + NUMPY_IMPORTS})
    verdicts: dict[int, Verdict] = {}
    for variant, uses_numpy in ((problem, False), (with_numpy, True)):
        chosen = [item for item in completions if bool(_USES_NUMPY.search(item.text)) is uses_numpy]
        judged = judge_functions(variant, chosen, sandbox, cut=cut_python) if chosen else []
        verdicts.update({verdict.sample: verdict for verdict in judged})
    return [verdicts[item.sample] for item in completions]


def _function_name(answer: Row) -> str:
    """The name in the signature of a row that needs one, else that in the last line that declares one.

    In three Java rows, and in twelve of other languages, ``entry_point`` differs from it.
    """
    if "declared" in answer:
        signed = _SIGNED_NAME.search(answer["signature"])
        return signed[1] if signed else ""
    names = [match[1] for match in map(_NAME.search, answer["declaration"].splitlines()) if match]
    return names[-1] if names else ""

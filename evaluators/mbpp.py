"""MBPP, sanitized: write the Python function that a sentence and its tests describe.

Austin et al. 2021 (arXiv 2108.07732), the 427 problems that the authors verified. The question is the
paper's, with a code block in place of its marks [BEGIN] and [DONE]. A base model gets a docstring of the
sentence and the first test, as in InCoder and bigcode-evaluation-harness (tasks/mbpp.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.row_source import OTHER_WAYS, RowSource
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.answer_program import FENCE, needed_program, programs_of
from astraios_ray.tasks.mbpp_rows import MbppRow, read_mbpp
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

STOP = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n<|/", FENCE)  # the harness's
SUBSETS = {"test": range(11, 511), "all": range(1, 975)}  # by task_id
SOURCE = RowSource(
    in_root="mbpp/sanitized-mbpp.json",
    shipped=Path(__file__).parent / "rows" / "mbpp.jsonl",
    repository="google-research-datasets/mbpp",
    revision="4bb6404fdc6cacfda99d4ac4205087b89d32030c",
    in_repository="sanitized/test-00000-of-00001.parquet",
)


@dataclass(frozen=True)
class Mbpp(Evaluator):
    """The test rows (257, as in the paper), or all 427 of a file."""

    name: str = "mbpp"
    ask: str = INSTRUCT  # or complete
    subset: str = "test"  # or all
    data: str = ""  # a file, or builtin
    data_root: str = ""

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)
        if self.subset not in SUBSETS:
            raise ConfigError(f"evaluator mbpp: subset={self.subset}: expected one of {', '.join(SUBSETS)}.")

    @property
    def stop(self) -> tuple[str, ...]:
        """The harness's stop words after a docstring, else the end of the code block."""
        return STOP if self.ask == COMPLETE else (FENCE,)

    def describe(self) -> Mapping[str, Value]:
        return {**SOURCE.describe(self.data, self.data_root), "postprocessing": needed_program.__name__}

    def problems(self) -> Sequence[Problem]:
        if self.subset == "all" and not (self.data or self.data_root):
            raise ConfigError(
                "evaluator mbpp: subset=all: the file on the hub has the test rows alone. Give the file "
                "sanitized-mbpp.json (`data` FILE, or ?data=FILE in a study).",
                arguments=OTHER_WAYS,
            )
        rows = read_mbpp(SOURCE.find(self.data, self.data_root))
        return [self._problem(row) for row in rows if row.number in SUBSETS[self.subset]]

    def reference(self, problem: Problem) -> Completion:
        """The row's own program."""
        return Completion(problem.id, 0, problem.answer["canonical_solution"], whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs, as the harness saves them, or rows with ids."""
        return in_order(generations, [problem.id for problem in self.problems()], whole_programs=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        continued = problem.prompt if self.ask == COMPLETE else None
        return judge_functions(problem, programs_of(problem, completions, self.stop, continued), sandbox)

    def _problem(self, row: MbppRow) -> Problem:
        tests = "\n".join(row.tests)
        question = (
            f"You are an expert Python programmer, and here is your task: {row.text} "
            f"Your code should pass these tests:\n\n{tests}"
        )
        docstring = f'"""\n{row.text}\n{row.tests[0]}\n"""'
        answer = {
            "declaration": "",
            "canonical_solution": row.program,
            "entry_point": row.entry_point,
            "test": "\n".join([*row.imports, *row.tests]),
            "statement": row.text,
        }
        prompt = docstring if self.ask == COMPLETE else prompt_of(question, "```python")
        return Problem(f"mbpp/{row.number}", prompt, answer, group=f"Mbpp/{row.number}")


evaluator = Mbpp()

"""LiveCodeBench: problems of contests by their dates, so that a model can be asked what it has not seen.

Jain et al. 2024 (arXiv 2403.07974), code generation, on the pruned tests of code_generation_lite.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.checked_rows import refuse_repeated
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.livecodebench import judged, last_block, question_of_chat, text_to_complete
from astraios_ray.tasks.livecodebench_rows import LiveRow, LiveTest, Window, all_tests, read_live
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

NEWEST = 6  # release; its file has the problems of January to April 2025
STOP = ("###",)  # the default of its runner
_RELEASE = re.compile(r"release_v(?P<up_to>\d)|v(?P<first>\d)(_v(?P<last>\d))?")
_PART = re.compile(r"\s+[IVX]+$")  # of a title: the number of a variant


@dataclass(frozen=True)
class LiveCodeBench(Evaluator):
    """The problems of a release, or of a file, from one day to another."""

    name: str = "livecodebench"
    ask: str = INSTRUCT  # or complete
    release: str = ""  # v1 … v6: that part; v4_v6: those; release_v6: all up to it. Without: v6
    start_date: str = ""  # of the contest, as 2025-01-31; the day itself belongs to the window
    end_date: str = ""
    data: str = ""  # a file, or builtin
    data_root: str = ""
    stop: tuple[str, ...] = STOP

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)
        self._window()
        self._files()
        if self.release and self.data:
            raise ConfigError("evaluator livecodebench: release names files of the data set; data names one.")

    def describe(self) -> Mapping[str, Value]:
        """The files, the window, and the function that takes the program out of an answer."""
        origins = [source.describe(self.data, self.data_root) for source in self._sources()]
        return {
            **origins[-1],
            "rows": ", ".join(origin["rows"] for origin in origins),
            "start_date": self.start_date,
            "end_date": self.end_date,
            "postprocessing": "whole text" if self.ask == COMPLETE else last_block.__name__,
        }

    def problems(self) -> Sequence[Problem]:
        rows = self._rows()
        inside = [row for row in rows if row.is_from(self._window())]
        if not inside:
            days = sorted(row.day for row in rows)
            window = f"{self.start_date or 'the first day'} to {self.end_date or 'the last day'}"
            raise ConfigError(
                f"evaluator livecodebench: no problem is from {window}; "
                f"the rows are from {days[0]} to {days[-1]}."
            )
        return [self._problem(row) for row in inside]

    def reference(self, problem: Problem) -> Completion | None:
        """The row's own program; rows of the data set have none."""
        program = problem.answer["canonical_solution"]
        return Completion(problem.id, 0, program, whole=True) if program else None

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Rows with ``question_id`` and ``code_list``, as its custom_evaluator reads, or whole programs."""
        return in_order(generations, [problem.id for problem in self.problems()], whole_programs=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run each program on one test after the other, up to the first that fails."""
        answer = problem.answer
        parts = answer["public_test_cases"], answer["private_test_cases"], answer["function"]
        try:
            tests = _tests(*parts)
        except ValueError as error:
            raise DataError(f"problem {problem.id}: {error}.") from error
        ends = [judged(self._program(item), tests, answer["function"], sandbox) for item in completions]
        return [
            Verdict(item.problem, item.sample, end.outcome, end.detail)
            for item, end in zip(completions, ends, strict=True)
        ]

    def _program(self, completion: Completion) -> str:
        if completion.whole:
            return completion.text
        text = cut_at_stop(completion.text, STOP)
        return text.strip() if self.ask == COMPLETE else last_block(text)

    def _rows(self) -> list[LiveRow]:
        paths = [source.find(self.data, self.data_root) for source in self._sources()]
        rows = [row for path in paths for row in read_live(path, self._window())]
        refuse_repeated("question_id", (row.question_id for row in rows))
        return rows

    def _sources(self) -> list[RowSource]:
        return [
            RowSource(
                in_root=f"livecodebench/{file}",
                shipped=Path(__file__).parent / "rows" / "livecodebench.jsonl",
                repository="livecodebench/code_generation_lite",
                revision="0fe84c3912ea0c4d4a78037083943e8f0c4dd505",
                in_repository=file,
            )
            for file in ([""] if self.data else self._files())
        ]

    def _files(self) -> list[str]:
        match = _RELEASE.fullmatch(self.release or f"v{NEWEST}")
        if match:
            first = int(match["first"] or 1)
            last = int(match["up_to"] or match["last"] or first)
            if 1 <= first <= last <= NEWEST:
                return [f"test{part if part > 1 else ''}.jsonl" for part in range(first, last + 1)]
        raise ConfigError(
            f"evaluator livecodebench: release={self.release}: expected v1 to v{NEWEST}, a range as "
            f"v4_v{NEWEST}, or release_v1 to release_v{NEWEST}."
        )

    def _window(self) -> Window:
        days = (self.start_date or str(date.min)), (self.end_date or str(date.max))
        try:
            first, last = map(date.fromisoformat, days)
        except ValueError:
            raise ConfigError(
                f"evaluator livecodebench: start_date={self.start_date} and end_date={self.end_date}: "
                "expected days as 2025-01-31."
            ) from None
        return first, last

    def _problem(self, row: LiveRow) -> Problem:
        question = question_of_chat(row)
        prompt = text_to_complete(row) if self.ask == COMPLETE else prompt_of(question)
        answer = {
            "statement": row.text,
            "canonical_solution": row.canonical_solution,
            "function": row.function,
            "public_test_cases": row.public_tests,
            "private_test_cases": row.private_tests,
        }
        return Problem(row.question_id, prompt, answer, group=f"{row.contest}/{_PART.sub('', row.title)}")


@lru_cache(maxsize=4)  # one problem is judged after the other
def _tests(public_tests: str, private_tests: str, function: str) -> Sequence[LiveTest]:
    return all_tests(public_tests, private_tests, function)


evaluator = LiveCodeBench()

"""MultiPL-E: HumanEval and MBPP in C++, Go, Java, JavaScript and Rust, each a function to go on with.

Cassano et al. 2022 (arXiv 2208.08227). Prompts and stop words are those of the rows, as
bigcode-evaluation-harness asks them (bigcode_eval/tasks/multiple.py, whose commit of the data set is read).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.config import content
from astraios_ray.data.row_files import file_records
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.checked_rows import checked_rows, text_of
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import unjudgeable, verdicts_of
from astraios_ray.evaluation.generations_file import Generations, in_order
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.evaluation.references import limits_from
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.multipl_e import TRANSLATED, Row, Translated
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

SOURCES = ("humaneval", "mbpp")
_NUMBER = re.compile(r"(HumanEval|mbpp)_(\d+)_")


@dataclass(frozen=True)
class MultiplE(Evaluator):
    """The rows of one language. Those with types that cannot cross to a test are left out and named."""

    name: str = "multipl_e"
    language: str = "cpp"  # or go, java, js, rust
    source: str = "humaneval"  # or mbpp
    ask: str = INSTRUCT  # or complete
    data: str = ""  # a file, or builtin
    data_root: str = ""

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)
        for option, value, values in (
            ("language", self.language, tuple(TRANSLATED)),
            ("source", self.source, SOURCES),
        ):
            if value not in values:
                raise ConfigError(
                    f"evaluator multipl_e: {option}={value}: expected one of {', '.join(values)}."
                )

    @property
    def stop(self) -> tuple[str, ...]:
        """Those of the rows of this language."""
        return self._rules.stop

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows, how answers are cut, and the rows that are left out."""
        origin = self._source().describe(self.data, self.data_root)
        left_out = [f"{row['name']} ({', '.join(types)})" for row, types in self._rows() if types]
        return {**origin, "postprocessing": cut_at_stop.__name__, "unjudgeable": ", ".join(left_out)}

    def problems(self) -> Sequence[Problem]:
        """One problem per row that can be judged, in order. Raises DataError when rows cannot be read."""
        return [self._problem(row) for row, not_carried in self._rows() if not not_carried]

    def reference(self, problem: Problem) -> Completion | None:
        """The solution of a row that has one; rows of the data set have none."""
        solution = problem.answer["canonical_solution"]
        return (
            Completion(problem.id, 0, problem.answer["prompt"] + solution, whole=True) if solution else None
        )

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Prompts with their continuations, as the harness saves them."""
        return in_order(generations, [problem.id for problem in self.problems()], whole_programs=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run the row's test on prompt and continuation; UNSCORED where the test itself cannot be built."""
        row, rules = problem.answer, self._rules
        stop, function = json.loads(row["stop_tokens"]), rules.function(row)
        declaration = row["prompt"].strip()
        programs = (
            item.text if item.whole else declaration + cut_at_stop(item.text, stop) for item in completions
        )
        checks = [rules.check(row, function, program) for program in programs]
        answer = self.reference(problem)
        reference = rules.check(row, function, answer.text) if answer else None
        try:
            limits = limits_from(reference, f"problem {problem.id}", sandbox)
            return verdicts_of(completions, checks, sandbox, limits)
        except DataError as error:  # rows of the data set have no solution that would have shown it
            return unjudgeable(completions, str(error)[:300])

    @property
    def _rules(self) -> Translated:
        return TRANSLATED[self.language]

    def _rows(self) -> list[tuple[Row, list[str]]]:
        """The rows, each with the types that cannot cross."""
        path = self._source().find(self.data, self.data_root)
        rows = checked_rows(file_records(path), _row, str(path))
        return [(row, self._rules.not_carried(row)) for row in rows]

    def _problem(self, row: Row) -> Problem:
        prompt, description = row["prompt"].strip(), self._rules.description(row)
        function = f"{self._rules.title} function `{self._rules.declared(row)}`"
        question = f"Write a {function} to solve the following problem:\n{description}"
        asked = prompt if self.ask == COMPLETE else prompt_of(question, prompt)
        return Problem(row["name"], asked, {**row, "statement": description}, group=_group(row["name"]))

    def _source(self) -> RowSource:
        suffix = self._rules.suffix
        return RowSource(
            in_root=f"multipl_e/{self.source}-{suffix}.parquet",
            shipped=content.resolve("rows", f"multipl_e_{self.language}"),
            repository="nuprl/MultiPL-E",
            revision="8a4cb75204eb3d5855a81778db6b95bfc80c9136",  # that of bigcode-evaluation-harness
            in_repository=f"{self.source}-{suffix}/test-00000-of-00001.parquet",
        )


def _row(record: Mapping[str, object]) -> Row:
    stop = record.get("stop_tokens")
    if not isinstance(stop, list) or not all(isinstance(word, str) and word for word in stop):
        raise ValueError(f"'stop_tokens' must be a list of texts, found {stop!r}"[:200])
    solution = record.get("canonical_solution")  # of our rows
    return {
        **{key: text_of(record, key) for key in ("name", "prompt", "tests")},
        "stop_tokens": json.dumps(stop),
        "canonical_solution": solution if isinstance(solution, str) else "",
    }


def _group(name: str) -> str:
    """The same for a problem in every language, and in HumanEval's and MBPP's other benchmarks."""
    match = _NUMBER.match(name)
    kinds = {"HumanEval": "HumanEval", "mbpp": "Mbpp"}
    return f"{kinds[match[1]]}/{match[2]}" if match else name


evaluator = MultiplE()

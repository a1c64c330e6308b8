"""CRUXEval: predict what a function returns, or an input for which it returns a value.

Gu et al. 2024 (arXiv 2401.03065): 800 short Python functions, each with one input and its output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import verdicts_of
from astraios_ray.evaluation.references import limits_from
from astraios_ray.evaluation.row_source import RowSource, read_texts
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import FunctionCheck, Sandbox
from astraios_ray.tasks.cruxeval import (
    ANSWER_START,
    END_OF_ANSWER,
    INPUT,
    OUTPUT,
    PROMPTS,
    input_check,
    output_check,
    predicted_input,
    predicted_output,
)
from astraios_ray.tasks.prompt_forms import COMPLETE, INSTRUCT, check_form, prompt_of

SOURCE = RowSource(
    in_root="cruxeval/cruxeval.jsonl.gz",
    shipped=Path(__file__).parent / "rows" / "cruxeval.jsonl",
    repository="cruxeval-org/cruxeval",
    revision="b96af0450242eb4da433032b90998f25588a5d0f",
    in_repository="test.jsonl",
)


@dataclass(frozen=True)
class CruxEval(Evaluator):
    """One direction of prediction, output (CRUXEval-O) or input (CRUXEval-I)."""

    name: str = "cruxeval"
    predict: str = OUTPUT  # or input
    ask: str = INSTRUCT  # or complete
    data: str = ""  # a file, or builtin
    data_root: str = ""
    stop: tuple[str, ...] = (END_OF_ANSWER,)

    def __post_init__(self) -> None:
        check_form(self.name, self.ask)
        if self.predict not in PROMPTS:
            raise ConfigError(
                f"evaluator cruxeval: predict={self.predict}: expected one of {', '.join(PROMPTS)}."
            )

    def describe(self) -> Mapping[str, Value]:
        cut = predicted_input if self.predict == INPUT else predicted_output
        return {**SOURCE.describe(self.data, self.data_root), "postprocessing": cut.__name__}

    def problems(self) -> Sequence[Problem]:
        path = SOURCE.find(self.data, self.data_root)
        return [self._problem(row) for row in read_texts(path, ("id", "code", "input", "output"), "id")]

    def reference(self, problem: Problem) -> Completion:
        """The row's own output, or the call with its own input."""
        row = problem.answer
        text = f"f({row['input']})" if self.predict == INPUT else row["output"]
        return Completion(problem.id, 0, text, whole=True)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Evaluate each prediction; a text that is whole is the prediction alone."""
        checks = [self._check(problem.answer, completion) for completion in completions]
        limits = limits_from(None, f"problem {problem.id}", sandbox)
        return verdicts_of(completions, checks, sandbox, limits)

    def _check(self, row: Mapping[str, str], completion: Completion) -> FunctionCheck:
        text = completion.text
        if self.predict == INPUT:
            prediction = text if completion.whole else predicted_input(text)
            return input_check(prediction, row["code"], row["output"])
        return output_check(text if completion.whole else predicted_output(text), row["output"])

    def _problem(self, row: Mapping[str, str]) -> Problem:
        question = PROMPTS[self.predict].format(**row)
        prompt = f"{question}\n{ANSWER_START}" if self.ask == COMPLETE else prompt_of(question, ANSWER_START)
        return Problem(row["id"], prompt, {**row, "statement": row["code"]})


evaluator = CruxEval()

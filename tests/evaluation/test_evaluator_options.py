"""Options of an evaluator, from text to the fields of its dataclass."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.evaluator_options import options_of, with_options
from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.protocol import Sandbox


@dataclass(frozen=True)
class WithOptions(Evaluator):
    name: str = "asked"
    stop: tuple[str, ...] = ()
    language: str = "python"
    size: int = 3
    share: float = 0.5
    strict: bool = False

    def problems(self) -> Sequence[Problem]:
        return []

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        return []


def test_text_becomes_the_value_of_the_fields_type() -> None:
    evaluator = with_options(
        WithOptions(), {"language": "java", "size": "7", "share": "0.25", "strict": "true"}
    )
    assert evaluator == WithOptions(language="java", size=7, share=0.25, strict=True)


def test_options_are_the_fields_that_are_no_part_of_the_evaluators_form() -> None:
    assert options_of(WithOptions()) == {"language": "python", "size": 3, "share": 0.5, "strict": False}


def test_an_unknown_option_is_refused_with_the_nearest_and_all_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"no option 'langage' \(did you mean 'language'\?\); it has language"
    ):
        with_options(WithOptions(), {"langage": "java"})


@pytest.mark.parametrize("name", ["name", "stop"])
def test_name_and_stop_strings_are_no_options(name: str) -> None:
    with pytest.raises(ConfigError, match="no option"):
        with_options(WithOptions(), {name: "x"})


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [("size", "2.5", "a whole number"), ("share", "half", "a number"), ("strict", "yes", "true or false")],
)
def test_a_value_of_another_type_is_refused(name: str, text: str, right: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: found '{text}', expected {right}"):
        with_options(WithOptions(), {name: text})

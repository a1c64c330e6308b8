"""Tasks in stages: the answer to the second question is what counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from astraios_ray.evaluation.answering import answer
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generation import generate
from astraios_ray.models.load_base import load_base
from astraios_ray.records import Completion, ModelRef, Sampling, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from tests.fakes.backends import write_model

SAMPLING = Sampling(samples=3, temperature=1.0, top_p=1.0, max_new_tokens=6)


@dataclass(frozen=True)
class Echo(Evaluator):
    """Has two problems; the second one has a second question, which shows the first answer."""

    name: str = "echo"
    stop: tuple[str, ...] = ()
    greedy: bool = False

    def problems(self) -> Sequence[Problem]:
        return [Problem("one", "def f(x):", {}), Problem("two", "def g(a, b):", {})]

    def then(self, problem: Problem, completion: Completion) -> Problem | None:
        if problem.id != "two" or "said" in problem.answer:
            return None
        return Problem("two", f"def h({completion.text}):", {"said": completion.text})

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        return []


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[nn.Module, Any]:
    torch.set_num_threads(1)
    base = load_base(ModelRef(str(write_model(tmp_path_factory.mktemp("model") / "nano"))))
    return base.model, base.tokenizer


def completions(evaluator: Evaluator, loaded: tuple[nn.Module, Any]) -> list[Completion]:
    return list(answer(evaluator, evaluator.problems(), *loaded, SAMPLING))


def test_every_sample_of_a_staged_problem_is_answered_once(loaded: tuple[nn.Module, Any]) -> None:
    places = [(item.problem, item.sample) for item in completions(Echo(), loaded)]
    assert places == [("one", 0), ("one", 1), ("one", 2), ("two", 0), ("two", 1), ("two", 2)]


def test_the_second_answer_is_to_the_prompt_that_shows_the_first(loaded: tuple[nn.Module, Any]) -> None:
    descriptions = list(generate(*loaded, Echo().problems()[1:], SAMPLING, ()))
    for first, second in zip(descriptions, completions(Echo(), loaded)[3:], strict=True):
        problem = Problem(f"two, sample {first.sample}", f"def h({first.text}):", {})
        single_sample = Sampling(samples=1, temperature=1.0, top_p=1.0, max_new_tokens=6)
        (item,) = generate(*loaded, [problem], single_sample, ())
        assert second.text == item.text


def test_a_greedy_evaluator_has_one_answer_whatever_is_asked(loaded: tuple[nn.Module, Any]) -> None:
    items = completions(Echo(greedy=True), loaded)
    assert [(item.problem, item.sample) for item in items] == [("one", 0), ("two", 0)]

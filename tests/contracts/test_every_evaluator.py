"""What every file in evaluators/ must keep. A new file is covered by being there."""

import pytest

from astraios_ray.config.content import names
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap

NAMES = names("evaluator")
SHOWN = 5  # problems of each that are judged here


@pytest.fixture(scope="module", params=NAMES)
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    return load_evaluator(request.param)


def judge(evaluator: Evaluator, problem: Problem, sandbox: Bubblewrap, *texts: str) -> list[Verdict]:
    completions = [Completion(problem.id, number, text) for number, text in enumerate(texts)]
    return list(evaluator.judge(problem, completions, sandbox))


def canonical(problem: Problem) -> str:
    """The reference solution as a completion of the prompt."""
    begins_a_line = problem.answer["declaration"].endswith("\n")
    return ("" if begins_a_line else "\n") + problem.answer["canonical_solution"]


def test_there_is_an_evaluator() -> None:
    assert NAMES


def test_problems_are_the_same_each_time_and_have_ids_and_prompts_of_their_own(evaluator: Evaluator) -> None:
    problems = list(evaluator.problems())
    assert problems == list(evaluator.problems())
    assert problems
    assert len({problem.id for problem in problems}) == len(problems)
    assert len({problem.prompt for problem in problems}) == len(problems)


def test_its_name_is_its_files_and_its_stop_strings_are_not_empty(evaluator: Evaluator) -> None:
    assert evaluator.name in NAMES
    assert all(evaluator.stop)


def test_a_prompt_does_not_hold_the_solution(evaluator: Evaluator) -> None:
    for problem in evaluator.problems():
        assert problem.answer["canonical_solution"].strip() not in problem.prompt
        assert problem.answer["test"].strip() not in problem.prompt


def test_the_reference_passes_and_an_empty_or_wrong_text_does_not(
    evaluator: Evaluator, sandbox: Bubblewrap
) -> None:
    for problem in list(evaluator.problems())[:SHOWN]:
        texts = ("", canonical(problem), "\n    return object()\n", "\n    raise SystemExit(0)\n")
        verdicts = judge(evaluator, problem, sandbox, *texts)
        assert [(item.problem, item.sample) for item in verdicts] == [(problem.id, n) for n in range(4)]
        passed = [item.outcome is Outcome.PASSED for item in verdicts]
        assert passed == [False, True, False, False], verdicts


@pytest.mark.slow
def test_every_reference_passes(evaluator: Evaluator, sandbox: Bubblewrap) -> None:
    for problem in evaluator.problems():
        (verdict,) = judge(evaluator, problem, sandbox, canonical(problem))
        assert verdict.outcome is Outcome.PASSED, verdict

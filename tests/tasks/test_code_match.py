"""Tasks whose answer is code, on the shipped rows of text_to_code and code_refinement."""

import pytest

from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.evaluation.judging import judge_all
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.tasks.bleu import corpus_bleu
from tests.fakes.sandboxes import TrustingSandbox

NAMES = ("text_to_code", "code_refinement")


def judged(evaluator: Evaluator, texts: list[str]) -> list[Verdict]:
    task = f"{evaluator.name}?data=builtin"
    completions = [
        Completion(problem.id, 0, text) for problem, text in zip(evaluator.problems(), texts, strict=True)
    ]
    return judge_all(task, completions, TrustingSandbox())


@pytest.fixture(params=NAMES)
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    return load_evaluator(f"{request.param}?data=builtin")


def test_the_prompt_gives_the_row_in_the_template_of_the_instruction_rows(evaluator: Evaluator) -> None:
    for problem in evaluator.problems():
        assert problem.prompt.startswith("Question: ")
        assert problem.prompt.endswith("\n\nAnswer:")
        assert problem.answer["code"] not in problem.prompt


def test_the_right_code_is_an_exact_match_however_it_is_spaced(evaluator: Evaluator) -> None:
    texts = [f"\t {problem.answer['code']}  " for problem in evaluator.problems()]
    verdicts = judged(evaluator, texts)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASSED}
    metrics = evaluator.metrics(verdicts)
    assert metrics["exact_match"].value == metrics["bleu_4"].value == 1.0


def test_wrong_code_is_no_match_but_may_be_near(evaluator: Evaluator) -> None:
    codes = [problem.answer["code"] for problem in evaluator.problems()]
    texts = [codes[0], *(f"{code} ;" for code in codes[1:])]
    metrics = evaluator.metrics(judged(evaluator, texts))
    assert evaluator.ranking == "exact_match"
    assert metrics["exact_match"].value == pytest.approx(1 / len(codes))
    assert metrics["bleu_4"].value == pytest.approx(corpus_bleu(list(zip(texts, codes, strict=True))))
    low, high = metrics["bleu_4"].interval or (0.0, 0.0)
    assert 0 < low <= metrics["bleu_4"].value <= high <= 1


def test_bleu_may_be_asked_without_smoothing(evaluator: Evaluator) -> None:
    plain = load_evaluator(f"{evaluator.name}?data=builtin&smooth=false")
    verdicts = judged(evaluator, ["x"] * len(evaluator.problems()))
    assert plain.metrics(verdicts)["bleu_4"].value == 0.0
    assert evaluator.metrics(verdicts)["bleu_4"].value > 0.0

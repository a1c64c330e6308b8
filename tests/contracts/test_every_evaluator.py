"""The contract of every file in evaluators/, with the rows that it ships. New files are found by name."""

from collections.abc import Iterator

import pytest

from astraios_ray.config.content import names
from astraios_ray.config.tasks import Task
from astraios_ray.evaluation.contamination import texts_to_compare
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.evaluator_options import options_of
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.warm_jail import become_nobody

NAMES = names("evaluator")
JUDGED = 5  # problems of each evaluator
PROMPT_KEYS = {  # parts of the answer that a prompt shows because that is the task
    "humanevalpack_fix": ("test",),
    "humanevalpack_explain": ("canonical_solution",),
    "mbpp": ("test",),
}
LANGUAGES = {"multipl_e": ("js",)}  # where they are not Python and Java
NONE_IS_WRONG = ("aatk",)  # a program that does nothing is safe
PROMPTS_REPEAT = ("recode",)  # Astraios stripped blank ends, also where they are the perturbation
STRANGE = (  # texts on which a reader, a compiler or a codec may stumble
    *(
        "\ud800",
        "    return '\ud800'\n",
        "\0",
        "\x0c\x1c\u2028",
        "\ufeff",
        "\r\r\n",
        "\\" * 9_001,
        "\n" * 9_000,
    ),
    *(
        "(" * 9_000,
        "}" * 9_000,
        '"""' * 1_001,
        f"    return {'not ' * 9_000}1\n",
        f"    return 1{'+1' * 9_000}\n",
    ),
    *(
        "\nclass \u20acuro {}",
        f"\nclass {'a' * 300} {{}}",
        "\U0001d4b3" * (1 << 20),
        "    return " + "9" * 9_000,
    ),
)
WRONG = ("", "\n    return object()\n", "\n    raise SystemExit(0)\n")


def tasks() -> Iterator[str]:
    """The tasks of every evaluator with its own rows, in every language that it judges."""
    for name in NAMES:
        options = options_of(load_evaluator(name))
        data = {"data": "builtin"} if "data" in options else {}
        languages = LANGUAGES.get(name, ("python", "java"))
        for language in languages if "language" in options else ("",):
            yield str(Task(name, {**({"language": language} if language else {}), **data}))


@pytest.fixture(scope="module", params=list(tasks()))
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    return load_evaluator(request.param)


def judgeable(evaluator: Evaluator, sandbox: Bubblewrap) -> list[Problem]:
    """The problems of whose modules none is missing here."""
    user = become_nobody()
    problems = evaluator.problems()
    return [one for one in problems if not sandbox.packages.lacking(evaluator.modules(one), user)]


def judge(
    evaluator: Evaluator, problem: Problem, sandbox: Bubblewrap, *completions: Completion
) -> list[Verdict]:
    verdicts = list(evaluator.judge(problem, completions, sandbox))
    assert [(item.problem, item.sample) for item in verdicts] == [
        (item.problem, item.sample) for item in completions
    ]
    return verdicts


def test_there_is_an_evaluator() -> None:
    assert NAMES


def test_problems_are_the_same_each_time_and_have_ids_and_prompts_of_their_own(evaluator: Evaluator) -> None:
    problems = list(evaluator.problems())
    assert problems == list(evaluator.problems())
    assert problems
    assert len({problem.id for problem in problems}) == len(problems)
    if evaluator.name not in PROMPTS_REPEAT:
        assert len({problem.prompt for problem in problems}) == len(problems)


def test_its_name_is_its_files_and_its_stop_strings_are_not_empty(evaluator: Evaluator) -> None:
    assert evaluator.name in NAMES
    assert all(evaluator.stop)


def test_a_prompt_does_not_hold_what_judges_its_answer(evaluator: Evaluator) -> None:
    for problem in evaluator.problems():
        for key in {"canonical_solution", "test"} - set(PROMPT_KEYS.get(evaluator.name, ())):
            assert key not in problem.answer or problem.answer[key].strip() not in problem.prompt


def test_a_problem_has_words_that_training_rows_may_share_with_it(evaluator: Evaluator) -> None:
    texts = texts_to_compare(evaluator.problems())
    assert [name for name, text in texts.items() if not text.strip()] == []
    assert len(texts) == len(evaluator.problems())


def test_the_reference_passes_and_an_empty_or_wrong_text_does_not(
    evaluator: Evaluator, sandbox: Bubblewrap
) -> None:
    for problem in judgeable(evaluator, sandbox)[:JUDGED]:
        wrong = [Completion(problem.id, number, text) for number, text in enumerate(WRONG, start=1)]
        right = evaluator.reference(problem)
        verdicts = judge(evaluator, problem, sandbox, *([right] if right else []), *wrong)
        passed = [item.outcome is Outcome.PASSED for item in verdicts]
        assert passed[:1] == [True] or not right
        if evaluator.name not in NONE_IS_WRONG:
            assert passed == [True] * bool(right) + [False] * len(wrong), verdicts


def test_no_text_costs_a_verdict_but_its_own(evaluator: Evaluator, sandbox: Bubblewrap) -> None:
    problem = evaluator.problems()[0]
    right = evaluator.reference(problem)
    start = right.text if right else ""
    texts = [*STRANGE, *(f"{start}{text}" for text in STRANGE)]
    strange = [Completion(problem.id, n, text, n > len(STRANGE)) for n, text in enumerate(texts, start=1)]
    verdicts = judge(evaluator, problem, sandbox, *([right] if right else []), *strange)
    assert Outcome.UNSCORED not in {item.outcome for item in verdicts}
    assert verdicts[0].outcome is Outcome.PASSED or not right


@pytest.mark.slow
def test_every_reference_passes(evaluator: Evaluator, sandbox: Bubblewrap) -> None:
    for problem in judgeable(evaluator, sandbox):
        reference = evaluator.reference(problem)
        if reference:
            (verdict,) = judge(evaluator, problem, sandbox, reference)
            assert verdict.outcome is Outcome.PASSED, verdict

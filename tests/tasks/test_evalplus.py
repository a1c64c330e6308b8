"""HumanEval+ and MBPP+: their rows, prompts, rules, and two scores."""

import json
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.evaluator import Evaluator
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.studies.score import score
from astraios_ray.tasks.evalplus_rows import of_json, read_human_eval_plus

ROW: dict[str, Any] = {
    "task_id": "Set/1",
    "prompt": "def twice(x):\n",
    "canonical_solution": "    return 2 * x\n",
    "entry_point": "twice",
    "base_input": [[1]],
    "plus_input": [[2]],
    "atol": 0,
}


def evaluator_of(folder: Path, row: dict[str, Any], name: str = "humaneval_plus") -> Evaluator:
    rows = folder / "rows.jsonl"
    rows.write_text(json.dumps(row) + "\n")
    return load_evaluator(f"{name}?data={rows}")


def outcomes(evaluator: Evaluator, sandbox: Bubblewrap, *programs: str) -> list[bool]:
    (problem,) = evaluator.problems()
    texts = [Completion(problem.id, sample, text, whole=True) for sample, text in enumerate(programs)]
    return [item.outcome is Outcome.PASSED for item in evaluator.judge(problem, texts, sandbox)]


def test_a_program_that_fails_only_added_tests_passes_the_base(sandbox: Bubblewrap) -> None:
    evaluator = load_evaluator("humaneval_plus?data=builtin")
    problem = evaluator.problems()[0]
    runner_up = "    ordered = sorted(scores)\n    return ordered[-2] if len(ordered) > 1 else None\n"
    texts = [
        problem.answer["canonical_solution"],
        problem.answer["statement"] + runner_up,
        "def runner_up(s): ...",
    ]
    completions = [Completion(problem.id, sample, text, True) for sample, text in enumerate(texts)]
    verdicts = evaluator.judge(problem, completions, sandbox)
    assert [verdict.facts["passed_base"] for verdict in verdicts] == [True, True, False]
    assert [verdict.outcome is Outcome.PASSED for verdict in verdicts] == [True, False, False]
    metrics = evaluator.metrics(verdicts)
    assert (metrics["pass_at_1"].value, metrics["base_pass_at_1"].value) == pytest.approx((1 / 3, 2 / 3))


@pytest.mark.parametrize("ask", ["instruct", "complete"])
def test_a_completion_of_a_file_goes_on_with_the_prompt_of_its_row(
    ask: str, tmp_path: Path, sandbox: Bubblewrap
) -> None:
    rows, samples = tmp_path / "rows.jsonl", tmp_path / "samples.jsonl"
    rows.write_text(json.dumps(ROW) + "\n")
    samples.write_text(json.dumps({"task_id": "Set/1", "completion": "    return 2 * x\n\nprint(1)\n"}))
    result = score("humaneval_plus", samples, data=str(rows), options={"ask": ask}, jobs=1).score
    assert result.metrics["pass_at_1"] == 1


@pytest.mark.parametrize("name", ["humaneval_plus", "mbpp_plus", "mbpp"])
@pytest.mark.parametrize("ask", ["instruct", "complete"])
def test_an_answer_in_either_form_passes(name: str, ask: str, sandbox: Bubblewrap) -> None:
    evaluator = load_evaluator(f"{name}?data=builtin&ask={ask}")
    problem = evaluator.problems()[0]
    program = problem.answer["canonical_solution"]
    if name == "humaneval_plus" and ask == "complete":
        program = program.removeprefix(problem.prompt)
    text = f"{program}\n```\nIt works." if ask == "instruct" else f"{program}\nassert False"
    (verdict,) = evaluator.judge(problem, [Completion(problem.id, 0, text)], sandbox)
    assert verdict.outcome is Outcome.PASSED, verdict


def test_the_prompts_are_those_of_evalplus(tmp_path: Path) -> None:
    evaluator = evaluator_of(tmp_path, ROW)
    assert evaluator.problems()[0].prompt == (
        "Question: Please provide a self-contained Python script that solves the following problem in a "
        "markdown code block:\n```\ndef twice(x):\n```\n\nAnswer:\nBelow is a Python script with a "
        "self-contained function that solves the problem and passes corresponding tests:\n```python"
    )
    complete = load_evaluator(f"humaneval_plus?ask=complete&data={tmp_path / 'rows.jsonl'}")
    assert complete.problems()[0].prompt == "def twice(x):"
    assert "\ndef " in complete.stop
    assert "\ndef " not in evaluator.stop


def test_a_row_of_mbpp_plus_that_names_no_function_shows_its_first_test(tmp_path: Path) -> None:
    row = {
        **ROW,
        "prompt": "'''\nDouble a number.\n'''",
        "canonical_solution": "def twice(x):\n    return 2 * x\n",
        "assertion": "\nimport math\nassert twice(1) == 2\nassert twice(2) == 4\n",
    }
    (problem,) = evaluator_of(tmp_path, row, "mbpp_plus").problems()
    assert '```\n"""\nDouble a number.\nassert twice(1) == 2\n"""\n```' in problem.prompt


NEAR = {  # the reference's body, its atol, an answer's body, and whether it passes
    "floats may differ by 1e-6": ("0.5", 0, "0.5 + 9e-7", True),
    "and by no more": ("0.5", 0, "0.5 + 3e-6", False),
    "by atol, where there is one": ("0.5", 1e-4, "0.5 + 9e-5", True),
    "of lists too": ("[0.5, 0.25]", 0, "[0.5, 0.25 + 9e-7]", True),
    "a list of another length": ("[0.5, 0.25]", 0, "[0.5]", False),
    "numbers that are whole are equal or not": ("1", 0, "1 + 1e-9", False),
    "with atol the type counts": ("[0.5]", 1e-4, "(0.5,)", False),
    "a value that equals": ("2.0", 0, "2", True),
    "no number at all": ("0.5", 1e-4, "'0.5'", False),
    "infinity": ("float('inf')", 0, "float('inf')", True),
    "NaN": ("float('nan')", 0, "float('nan')", True),
    "NaN is near to nothing else": ("float('nan')", 0, "0.0", False),
}


@pytest.mark.parametrize("case", NEAR)
def test_answers_that_are_near_pass_as_in_evalplus(case: str, tmp_path: Path, sandbox: Bubblewrap) -> None:
    right, tolerance, answer, passes = NEAR[case]
    row = {**ROW, "canonical_solution": f"    return {right}\n", "atol": tolerance}
    assert outcomes(evaluator_of(tmp_path, row), sandbox, f"def twice(x):\n    return {answer}\n") == [passes]


RULES = {  # name, reference, right answer, wrong answer
    "Diff": ("Diff", "[1, 2]", "[2, 1, 1]", "[1, 3]"),
    "check_str": ("check_str", "object", "True", "None"),
    "sum_div": ("sum_div", "7", "0", "8"),
    "are_equivalent": ("are_equivalent", "False", "True", "1"),
}


@pytest.mark.parametrize("case", RULES)
def test_some_tasks_of_mbpp_plus_accept_other_answers(case: str, tmp_path: Path, sandbox: Bubblewrap) -> None:
    name, reference, right, wrong = RULES[case]
    programs = [f"def {name}(x):\n    return {value}\n" for value in (reference, right, wrong)]
    row = {**ROW, "canonical_solution": programs[0], "entry_point": name}
    assert outcomes(evaluator_of(tmp_path, row, "mbpp_plus"), sandbox, *programs) == [True, True, False]


def test_a_program_cannot_change_what_its_answer_is_compared_with(
    tmp_path: Path, sandbox: Bubblewrap
) -> None:
    row = {
        **ROW,
        "prompt": "def find_zero(xs):\n",
        "canonical_solution": "    return -xs[0] / xs[1]\n",
        "entry_point": "find_zero",
        "base_input": [[[2, 1]]],
        "plus_input": [[[6, 2]]],
        "atol": 1e-4,
    }
    right, hostile = "    return -xs[0] / xs[1]\n", "    xs.clear()\n    return 0\n"
    programs = (f"def find_zero(xs):\n{body}" for body in (right, hostile))
    assert outcomes(evaluator_of(tmp_path, row), sandbox, *programs) == [True, False]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_input": []}, "'base_input' is empty"),
        ({"plus_input": [1]}, "'plus_input' must be a list with the list of arguments of each call"),
        ({"atol": "0"}, "'atol' must be a number, found text"),
        ({"entry_point": None}, "'entry_point' must be text"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_place(
    change: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({**ROW, **change}) + "\n")
    with pytest.raises(DataError) as error:
        read_human_eval_plus(rows)
    assert str(error.value).startswith(f"{rows}:1: {reason}")


def test_a_task_twice_is_refused(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(2 * (json.dumps(ROW) + "\n"))
    with pytest.raises(DataError, match="task_id 'Set/1' stands twice"):
        read_human_eval_plus(rows)


@pytest.mark.parametrize(
    ("number", "arguments", "right"),
    [
        ("2", [[3, 4], [4]], [(3, 4), (4,)]),
        ("75", [[[1, 2], [3]], 2], [[(1, 2), (3,)], 2]),
        ("106", [[1], [2]], [[1], (2,)]),
        ("115", [[[1, 1], []]], [[{1}, {}]]),
        ("124", [0, "1j"], [0.0, 1j]),
        ("580", [[[1, [2]]]], [((1, (2,)),)]),
        ("722", [{"a": [1, 2]}, 3], [{"a": (1, 2)}, 3]),
        ("6", [[1], [2]], [[1], [2]]),
    ],
)
def test_inputs_that_are_no_json_become_what_the_reference_expects(
    number: str, arguments: list[Any], right: list[Any]
) -> None:
    assert of_json(number, arguments) == right


def test_without_rows_the_message_says_where_to_get_them() -> None:
    with pytest.raises(ConfigError, match=r"Download https://github.com/evalplus/.*HumanEvalPlus.jsonl.gz"):
        load_evaluator("humaneval_plus").problems()


def test_another_form_is_refused() -> None:
    with pytest.raises(ConfigError, match="ask=chat: expected one of instruct, complete"):
        load_evaluator("humaneval_plus?ask=chat")

"""BigCodeBench's prompts, its judging by unittest, and problems that cannot be judged on a machine."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, SandboxError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.references import reference_end
from astraios_ray.records import UNJUDGEABLE, Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.packages import NONE
from astraios_ray.sandbox.protocol import FunctionCheck
from astraios_ray.studies.score import remarks

TASK = "bigcodebench?data=builtin"
COMPLETE = f"{TASK}&split=complete&ask=complete"
BILLS, SMOOTH, CITIES, BARS = (f"astraios-ray/BigCodeBench/{number}" for number in range(4))


def problem(name: str, task: str = TASK) -> Problem:
    return next(one for one in load_evaluator(task).problems() if one.id == name)


def judged(
    name: str, sandbox: Bubblewrap, *texts: str, task: str = TASK, whole: bool = True
) -> list[Verdict]:
    completions = [Completion(name, number, text, whole) for number, text in enumerate(texts)]
    return list(load_evaluator(task).judge(problem(name), completions, sandbox))


def test_prompts_are_the_benchmarks_own() -> None:
    instruct = problem(SMOOTH).prompt
    assert instruct.startswith(
        "Question: Please provide a self-contained Python script that solves the following"
    )
    assert "markdown code block:\nSmooth a series of numbers" in instruct
    assert instruct.endswith("solves the problem and passes corresponding tests:\n```python")
    chat = problem(SMOOTH, f"{TASK}&split=complete").prompt
    assert "markdown code block:\n```\nimport numpy as np\n\ndef task_func(values, width):" in chat
    base = problem(SMOOTH, COMPLETE).prompt
    assert base.startswith("import numpy as np\n\ndef task_func(values, width):\n")
    assert base.endswith('"""')


def test_an_instruction_has_no_program_to_go_on_with() -> None:
    with pytest.raises(ConfigError, match="ask=complete needs split=complete"):
        load_evaluator(f"{TASK}&ask=complete")
    with pytest.raises(ConfigError, match="split=hard: expected one of instruct, complete"):
        load_evaluator(f"{TASK}&split=hard")


def test_solutions_pass_and_mutated_ones_fail(sandbox: Bubblewrap) -> None:
    for name, old, new in (
        (BILLS, "total += ", "total = "),
        (BILLS, "listdir(folder)", "listdir('/tmp')"),
        (SMOOTH, "ends - width", "ends - width + 1"),
        (CITIES, "-pair[1]", "pair[1]"),
    ):
        solution = problem(name).answer["canonical_solution"]
        assert old in solution
        start = problem(name).answer["complete_prompt"]
        right, wrong = judged(name, sandbox, start + solution, start + solution.replace(old, new))
        assert (right.outcome, wrong.outcome) == (Outcome.PASSED, Outcome.FAILED), (right, wrong)
        assert right.facts == {"one_process": True}


def test_an_answer_is_a_code_block_or_goes_on_with_the_prompt(sandbox: Bubblewrap) -> None:
    solution = problem(CITIES).answer["canonical_solution"]
    alone = "def task_func(text, column='city'):\n" + solution  # its imports are those of the prompt
    block = f"\n{alone}\nprint(task_func(''))\n```\nThat is it."
    (verdict,) = judged(CITIES, sandbox, block, whole=False)
    assert verdict.outcome is Outcome.PASSED, verdict
    (verdict,) = judged(CITIES, sandbox, f"{solution}\ndef other(", task=COMPLETE, whole=False)
    assert verdict.outcome is Outcome.PASSED, verdict


def test_the_modules_of_a_problem_are_those_that_it_names_and_imports() -> None:
    evaluator = load_evaluator(TASK)
    assert evaluator.modules(problem(BARS)) == ["matplotlib", "pandas", "unittest"]
    named = replace(
        problem(BARS), answer={**problem(BARS).answer, "libs": "['bs4']", "test": "import a.b as c"}
    )
    assert evaluator.modules(named) == ["a", "bs4", "matplotlib", "pandas"]


def test_problems_without_their_packages_are_named_and_never_failed(sandbox: Bubblewrap) -> None:
    answers = [Completion(name, n, "x = 1", whole=True) for name in (CITIES, BARS) for n in range(3)]
    verdicts = judge_all(TASK, answers, sandbox)
    of_bars = [verdict for verdict in verdicts if verdict.problem == BARS]
    assert {verdict.outcome for verdict in of_bars} == {Outcome.UNSCORED}
    assert [verdict.sample for verdict in of_bars] == [0, 1, 2]
    result = score(TASK, verdicts, sandbox.describe())
    reason = "its own solution is load_error here (ModuleNotFoundError: No module named 'pandas')"
    assert result.unjudgeable == {BARS: reason}
    assert (result.problems, result.unscored, list(result.solved)) == (1, 0, [CITIES])
    assert next(remarks(result)) == f"1 problem is left out, unjudgeable here: {BARS}: {reason}"


def test_a_score_without_any_problem_that_can_be_judged_is_refused() -> None:
    verdict = Verdict(BARS, 0, Outcome.UNSCORED, "", {UNJUDGEABLE: "no pandas"})
    with pytest.raises(
        SandboxError, match=rf"bigcodebench.*: no problem can be judged here: {BARS}: no pandas"
    ):
        score(TASK, [verdict], {})


def test_a_reference_is_run_anew_with_other_packages(sandbox: Bubblewrap) -> None:
    uses_numpy = FunctionCheck("import numpy\ndef f():\n    return 1\n", "f", "assert f() == 1")
    assert reference_end(uses_numpy, Bubblewrap(packages=NONE)).outcome is Outcome.LOAD_ERROR
    assert reference_end(uses_numpy, sandbox).outcome is Outcome.PASSED


def test_rows_are_read_from_a_file(tmp_path: Path) -> None:
    row = {**problem(CITIES).answer, "task_id": "BigCodeBench/9"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    (one,) = load_evaluator(f"bigcodebench?data={tmp_path}/rows.jsonl").problems()
    assert one.id == "BigCodeBench/9"

"""LiveCodeBench: its rows, the window of dates, both kinds of tests, and what is taken of an answer."""

import base64
import json
import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.studies.score import score
from astraios_ray.tasks.livecodebench import last_block
from astraios_ray.tasks.livecodebench_rows import LiveTest, all_tests

BUILTIN = "livecodebench?data=builtin"
PUBLIC = json.dumps([{"input": "1", "output": "2", "testtype": "stdin"}])
FUNCTION, PROGRAM = 0, 2  # places of the built-in rows

SOLUTIONS = {
    "a method": (FUNCTION, "class Solution:\n    def longestRun(self, nums):\n        {}", "passed"),
    "a function": (FUNCTION, "def longestRun(nums):\n    {}", "passed"),
    "a wrong value": (FUNCTION, "def longestRun(nums):\n    return len(nums)", "failed"),
    "no function": (FUNCTION, "def run(nums):\n    {}", "load_error"),
    "an exception": (FUNCTION, "def longestRun(nums):\n    return nums[0]", "runtime_error"),
    "a value that equals everything": (
        FUNCTION,
        "class All(int):\n    __eq__ = lambda self, other: True\ndef longestRun(nums):\n    return All()",
        "failed",
    ),
    "a program": (
        PROGRAM,
        "n, k = map(int, input().split())\nfor i, g in enumerate(input(), 1):\n"
        "    print({'o': 'x', 'x': 'o'}[g] if abs(i - k) < 2 else g, end='')",
        "passed",
    ),
    "what stands below the name of the main program": (
        PROGRAM,
        "def main():\n    n, k = map(int, stdin.readline().split())\n    s = stdin.readline().strip()\n"
        "    print(*['ox'[(g == 'o') ^ (abs(i + 1 - k) > 1)] for i, g in enumerate(s)], sep='')\n"
        "if __name__ == '__main__':\n    main()",
        "passed",
    ),
    "wrong output": (PROGRAM, "print(input() and input())", "failed"),
    "the public test alone": (PROGRAM, "print('xoxo')", "failed"),
    "no output": (PROGRAM, "pass", "failed"),
    "a mistake": (PROGRAM, "print(1", "runtime_error"),
}
RUN = "return max((len(list(g)) for _, g in groupby(nums)), default=0)"


def problem_at(place: int, task: str = BUILTIN) -> Problem:
    return load_evaluator(task).problems()[place]


@pytest.mark.parametrize("case", SOLUTIONS)
def test_a_program_passes_all_tests_or_is_told_which_it_fails(case: str, sandbox: Bubblewrap) -> None:
    place, program, outcome = SOLUTIONS[case]
    problem = problem_at(place)
    answer = f"Here it is:\n```python\n{program.format(RUN) if '{}' in program else program}\n```\n"
    (verdict,) = load_evaluator(BUILTIN).judge(problem, [Completion(problem.id, 0, answer)], sandbox)
    assert verdict.outcome.value == outcome, verdict
    assert outcome == "passed" or verdict.detail.startswith("test ")


def test_lines_of_equal_numbers_are_equal(sandbox: Bubblewrap) -> None:
    problem = problem_at(3)
    program = problem.answer["canonical_solution"]
    speed = "(d1 + d2) * 60 / (t1 + t2)"
    texts = (
        program,
        program.replace(speed, f"f'{{{speed}:.3f}}'"),
        program.replace(speed, f"1e-6 + {speed}"),
    )
    completions = [Completion(problem.id, sample, text, True) for sample, text in enumerate(texts)]
    verdicts = load_evaluator(BUILTIN).judge(problem, completions, sandbox)
    assert [verdict.outcome is Outcome.PASSED for verdict in verdicts] == [True, True, False]


def test_an_answer_of_a_base_model_is_the_program_itself(sandbox: Bubblewrap) -> None:
    evaluator = load_evaluator(f"{BUILTIN}&ask=complete")
    problem = evaluator.problems()[FUNCTION]
    text = f"\n\n{problem.answer['canonical_solution']}\n\n### Question\nAnother."
    (verdict,) = evaluator.judge(problem, [Completion(problem.id, 0, text)], sandbox)
    assert verdict.outcome is Outcome.PASSED, verdict
    assert problem.prompt.endswith("### Answer")
    assert "### Starter Code" in problem.prompt
    assert "### Starter Code" not in evaluator.problems()[PROGRAM].prompt


def test_the_last_code_block_that_ends_is_the_program() -> None:
    assert last_block("```python\na\n```\nbetter:\n```\nb\nc\n```\nend") == "b\nc"
    assert last_block("```python\na\n") == ""
    assert last_block("a") == ""


@pytest.mark.parametrize(
    ("window", "places"),
    [
        ("", [0, 1, 2, 3]),
        ("&start_date=2024-11-09", [2, 3]),
        ("&end_date=2024-11-09", [0, 1, 2]),
        ("&start_date=2024-03-03&end_date=2025-01-31", [2]),
    ],
)
def test_only_problems_of_the_window_are_asked(window: str, places: Sequence[int]) -> None:
    problems = load_evaluator(f"{BUILTIN}{window}").problems()
    assert [problem.id for problem in problems] == [f"astraios-ray/LiveCodeBench/{n}" for n in places]
    assert all(problem.answer["private_test_cases"] for problem in problems)


def test_variants_of_one_problem_belong_together() -> None:
    groups = [problem.group for problem in load_evaluator(BUILTIN).problems()]
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("start_date=2025-13-01", "expected days as 2025-01-31"),
        ("release=v7", "release=v7: expected v1 to v6"),
        ("release=v4_v2", "a range as v4_v6"),
        ("release=v1&data=builtin", "data names one"),
        ("ask=chat", "expected one of instruct, complete"),
    ],
)
def test_options_that_say_nothing_are_refused(options: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        load_evaluator(f"livecodebench?{options}")


def test_a_window_without_problems_is_told_with_the_dates_of_the_rows() -> None:
    with pytest.raises(ConfigError, match="; the rows are from 2024-03-02 to 2025-02-01"):
        load_evaluator(f"{BUILTIN}&start_date=2025-06-01").problems()


@pytest.mark.parametrize(
    ("release", "files"),
    [
        ("", ["test6.jsonl"]),
        ("v1", ["test.jsonl"]),
        ("v2_v3", ["test2.jsonl", "test3.jsonl"]),
        ("release_v3", ["test.jsonl", "test2.jsonl", "test3.jsonl"]),
    ],
)
def test_a_release_is_the_files_up_to_it(release: str, files: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "livecodebench"
    folder.mkdir()
    lines = Path("evaluators/rows/livecodebench.jsonl").read_text().splitlines(keepends=True)
    for place, file in enumerate(files):
        (folder / file).write_text(lines[place])
    evaluator = load_evaluator(f"livecodebench?release={release}&data_root={tmp_path}")
    assert [problem.id[-1] for problem in evaluator.problems()] == [str(n) for n in range(len(files))]
    assert evaluator.describe()["rows"] == ", ".join(str(folder / file) for file in files)


def packed(value: Any) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


def test_private_tests_are_json_or_packed() -> None:
    tests = [{"input": "3", "output": "4", "testtype": "stdin"}]
    for private in (json.dumps(tests), packed(json.dumps(tests))):
        assert all_tests(PUBLIC, private, "") == [LiveTest("1", "2"), LiveTest("3", "4")]


@pytest.mark.parametrize(
    ("private", "function", "reason"),
    [
        (packed(print), "", "cannot be unpacked: it names builtins.print, expected text"),
        (packed([1]), "", "holds a list, expected text"),
        (packed("{}"), "", "must be a list of tests"),
        ("%%%", "", "cannot be unpacked"),
        (packed("[]")[:-9] + "=", "", "cannot be unpacked"),
        ('[{"input": "1"}]', "", "must have the texts 'input', 'output' and 'testtype'"),
        ("[]", "f", "has testtype 'stdin', expected 'functional'"),
    ],
)
def test_private_tests_that_cannot_be_used_are_refused(private: str, function: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        all_tests(PUBLIC, private, function)


def test_a_problem_whose_tests_cannot_be_used_is_named(sandbox: Bubblewrap) -> None:
    problem = problem_at(PROGRAM)
    broken = Problem(problem.id, problem.prompt, {**problem.answer, "private_test_cases": "%"})
    with pytest.raises(DataError, match=f"problem {problem.id}: 'private_test_cases' cannot be unpacked"):
        load_evaluator(BUILTIN).judge(broken, [Completion(problem.id, 0, "")], sandbox)


def test_programs_are_scored_as_its_own_evaluator_reads_them(tmp_path: Path, sandbox: Bubblewrap) -> None:
    problems = load_evaluator(BUILTIN).problems()
    rows = [
        {"question_id": problem.id, "code_list": [problem.answer["canonical_solution"], "pass"]}
        for problem in problems
    ]
    (tmp_path / "codes.json").write_text(json.dumps(rows))
    result = score("livecodebench", tmp_path / "codes.json", data="builtin", jobs=2).score
    assert result.solved == {problem.id: 1 / 2 for problem in problems}

"""MultiPL-E's prompts and tests in each language: canonical solutions pass, mutated ones fail."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import UNJUDGEABLE, Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
COMPILERS = {"cpp": "g++", "go": "go", "java": "jlink", "js": "node", "rust": "rustc"}
RISE, LENGTHS, ENDS, FIRST = (
    *("astraios_0_largest_rise", "astraios_1_lengths", "astraios_2_ends", "astraios_3_first_long"),
)
MUTATIONS = {
    ("cpp", FIRST): ("> n", ">= n"),
    ("cpp", RISE): ("std::max(most", "std::min(most"),
    ("cpp", LENGTHS): ("[word.size()]++", "[word.size()] = 1"),
    ("cpp", ENDS): ("*both.second", "*both.first"),
    ("go", ENDS): ("number > most", "number < most"),
    ("go", RISE): ("rise > most", "rise < most"),
    ("go", LENGTHS): ("counts[length]++", "counts[length] = 1"),
    ("java", FIRST): ("> n", ">= n"),
    ("java", RISE): ("Math.max(most", "Math.min(most"),
    ("java", LENGTHS): ("Long::sum", "(one, other) -> 1L"),
    ("js", FIRST): ("> n", ">= n"),
    ("js", RISE): ("Math.max(most", "Math.min(most"),
    ("js", LENGTHS): ("(counts[word.length] || 0) + 1", "1"),
    ("js", ENDS): ("Math.max(...", "Math.min(..."),
    ("rust", LENGTHS): ("+= 1", "= 1"),
    ("rust", RISE): (".max(0)", ""),
    ("rust", ENDS): (".max().unwrap()", ".min().unwrap()"),
    ("rust", FIRST): ("> n", ">= n"),
}
QUICK = [("cpp", FIRST), ("go", ENDS), ("java", FIRST), ("js", LENGTHS)]


def task(language: str, options: str = "") -> str:
    return f"multipl_e?data=builtin&language={language}{options}"


def problem(language: str, name: str, options: str = "") -> Problem:
    return next(one for one in load_evaluator(task(language, options)).problems() if one.id == name)


def judged(language: str, one: Problem, sandbox: Bubblewrap, *texts: str) -> list[Verdict]:
    completions = [Completion(one.id, number, text) for number, text in enumerate(texts)]
    return list(load_evaluator(task(language)).judge(one, completions, sandbox))


@pytest.mark.parametrize(("language", "name"), MUTATIONS if ALL else QUICK)
def test_a_canonical_solution_passes_and_a_mutated_one_fails(
    language: str, name: str, sandbox: Bubblewrap
) -> None:
    if shutil.which(COMPILERS[language]) is None:
        pytest.skip(f"{COMPILERS[language]} is not installed")
    one, (old, new) = problem(language, name), MUTATIONS[language, name]
    solution = f"\n{one.answer['canonical_solution']}"
    assert solution.count(old) == 1
    stop = load_evaluator(task(language)).stop[0]
    right, wrong = judged(language, one, sandbox, f"{solution}{stop} more", solution.replace(old, new))
    assert right.outcome is Outcome.PASSED, right
    assert wrong.outcome in (Outcome.FAILED, Outcome.RUNTIME_ERROR), wrong


def test_every_language_has_every_problem_but_where_its_values_cannot_cross() -> None:
    names = {
        language: {one.id for one in load_evaluator(task(language)).problems()} for language in COMPILERS
    }
    assert names == {
        "cpp": {RISE, LENGTHS, ENDS, FIRST},
        "go": {RISE, LENGTHS, ENDS},  # its rows have no optional values
        "java": {RISE, LENGTHS, FIRST},
        "js": {RISE, LENGTHS, ENDS, FIRST},
        "rust": {RISE, LENGTHS, ENDS, FIRST},
    }
    assert load_evaluator(task("java")).describe()["unjudgeable"] == f"{ENDS} (Pair)"


def test_a_prompt_is_the_rows_own_or_a_question() -> None:
    base = problem("rust", LENGTHS, "&ask=complete").prompt
    assert base.startswith("use std::collections::HashMap;\n\n/// Count the words of each length")
    assert base.endswith("fn lengths(text: String) -> HashMap<isize, isize> {")
    asked = problem("rust", LENGTHS).prompt
    function = "a Rust function `fn lengths(text: String) -> HashMap<isize, isize>`"
    assert asked.startswith(f"Question: Write {function} to solve the following problem:\nCount the words")
    assert asked.endswith(f"Answer:\n{base}")


def test_a_test_that_cannot_be_built_judges_nothing(sandbox: Bubblewrap) -> None:
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    one = problem("go", RISE)
    broken = replace(one, answer={**one.answer, "tests": "func TestIt(t *testing.T) { fmt.Println(x) }"})
    (verdict,) = judged("go", broken, sandbox, one.answer["canonical_solution"])
    assert verdict.outcome is Outcome.UNSCORED
    assert "undefined: x" in str(verdict.facts[UNJUDGEABLE])


def test_files_of_the_harness_hold_prompt_and_continuation(tmp_path: Path) -> None:
    evaluator = load_evaluator(task("js"))
    programs = [[f"{one.prompt} {number}"] for number, one in enumerate(evaluator.problems())]
    (tmp_path / "generations.json").write_text(json.dumps(programs))
    saved = evaluator.saved(read_generations(tmp_path / "generations.json"))
    assert [(item.whole, [item.text]) for item in saved] == [(True, program) for program in programs]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop_tokens": "}"}, "rows.jsonl:1: 'stop_tokens' must be a list of texts"),
        ({"tests": 3}, "rows.jsonl:1: 'tests' must be text"),
        (
            {"prompt": "int f() {\n    return 1;"},
            r"its prompt ends with '    return 1;'; expected a C\+\+ function",
        ),
    ],
)
def test_a_row_that_is_none_is_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    row = {**problem("cpp", RISE).answer, "stop_tokens": ["\n}"], **change}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    with pytest.raises(DataError, match=message):
        load_evaluator(f"multipl_e?data={tmp_path}/rows.jsonl").problems()


def test_options_have_few_values() -> None:
    with pytest.raises(ConfigError, match="language=python: expected one of cpp, go, java, js, rust"):
        load_evaluator("multipl_e?language=python")
    with pytest.raises(ConfigError, match="source=mbjp: expected one of humaneval, mbpp"):
        load_evaluator("multipl_e?source=mbjp")

"""HumanEvalPack in C++, JavaScript, Go and Rust: right and buggy solutions, prompts, and odd rows."""

import gzip
import json
import os
from pathlib import Path

import pytest

from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generations_file import Generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.tasks.humanevalpack_unit_tests import UNIT_TESTED, mended
from tests.sandbox.languages.toolchains import EACH

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
BY_CHANCE = "Go/95"  # its own solution reads a map in Go's random order and stops after two keys
ODD = {"cpp": [23, 38], "js": [162], "go": [32], "rust": [32, 137]}  # see docs/judging.md
CUT_SHORT = {"Go/72", "Go/90", "Go/158", "Rust/137", "Rust/145", "CPP/94"}  # have code behind their function

real = pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}")


def load(task: str, language: str, options: str = "data=builtin") -> Evaluator:
    return load_evaluator(f"humanevalpack_{task}?language={language}&{options}")


def judged(name: str, problems: list[Problem], solution: str, sandbox: Bubblewrap) -> list[Verdict]:
    programs = [
        Completion(p.id, 0, f"{p.answer['declaration']}\n{p.answer[solution]}", whole=True) for p in problems
    ]
    return judge_all(name, programs, sandbox, InThreads(2))


@pytest.mark.parametrize("language", EACH)
def test_right_answers_of_a_model_score_one_and_buggy_ones_zero(language: str, sandbox: Bubblewrap) -> None:
    name = f"humanevalpack_synthesize?language={language}&data=builtin"
    problems = load("synthesize", language).problems()
    assert len(problems) == 3
    for solution, passed in {"canonical_solution": 1.0, "buggy_solution": 0.0}.items():
        answers = [Completion(p.id, 0, f"\n{p.answer[solution]}\n\nand so on {{") for p in problems]
        verdicts = judge_all(name, answers, sandbox, InThreads(2))
        assert score(name, verdicts, {}).metrics["pass_at_1"] == passed, verdicts


@real
@pytest.mark.slow
@pytest.mark.parametrize("language", EACH)
def test_every_canonical_solution_passes_and_no_buggy_one(language: str, sandbox: Bubblewrap) -> None:
    name = f"humanevalpack_fix?language={language}&data_root={DATA}"
    problems = list(load("fix", language, f"data_root={DATA}").problems())
    assert len(problems) == 164
    selection = problems if ALL else [problems[number] for number in ODD[language]]
    right = judged(name, selection, "canonical_solution", sandbox)
    failed = {verdict.problem: verdict for verdict in right if verdict.outcome != "passed"}
    failed.pop(BY_CHANCE, None)
    assert failed == {}
    wrong = judged(name, selection, "buggy_solution", sandbox)
    assert {verdict.problem: verdict for verdict in wrong if verdict.outcome == "passed"} == {}


@real
@pytest.mark.parametrize("language", sorted(UNIT_TESTED))
def test_the_rows_that_the_cut_of_the_harness_shortens_are_these(language: str) -> None:
    cut_short = set()
    for problem in load("fix", language, f"data_root={DATA}").problems():
        solution = f"\n{problem.answer['canonical_solution']}"
        kept = UNIT_TESTED[language].cut(solution)
        if solution[len(kept) :].strip():
            cut_short.add(problem.id)
    prefix = {"cpp": "CPP", "js": "JavaScript", "go": "Go", "rust": "Rust"}[language]
    assert cut_short == {name for name in CUT_SHORT if name.startswith(f"{prefix}/")}


@real
def test_only_one_declaration_needs_mending() -> None:
    changed = []
    for language in UNIT_TESTED:
        with gzip.open(DATA / "humanevalpack" / f"{language}.jsonl.gz", "rt") as file:
            rows = [json.loads(line) for line in file]
        changed += [row["task_id"] for row in rows if mended(row) != row["declaration"]]
    assert changed == ["CPP/38"]


def test_prompts_are_those_of_the_paper() -> None:
    problem = load("fix", "rust").problems()[0]
    row = problem.answer
    start = f"fn main(){{}}\n{row['declared']}"
    question = f"Fix bugs in count_turns.\n{start}{row['buggy_solution']}\n{row['test']}"
    assert problem.prompt == f"Question: {question}\n\nAnswer:\n{start}".strip()


@pytest.mark.parametrize("language", sorted(UNIT_TESTED))
def test_a_saved_program_names_the_function_of_its_signature(language: str) -> None:
    evaluator = load("fix", language)
    name = {"cpp": "count_turns", "js": "countTurns", "go": "CountTurns", "rust": "count_turns"}[language]
    rows = [
        [f"a program with {name}"],
        ["spell_range spellRange SpellRange"],
        ["count_words countWords CountWords"],
    ]
    saved = evaluator.saved(Generations("g.json", rows, with_ids=False, sha256=""))
    assert [item.text for item in saved] == [row[0] for row in rows]


def check(language: str, program: str, **row: str) -> str:
    return (
        UNIT_TESTED[language].check({"signature": "s", "test": "", "declaration": "", **row}, program).source
    )


def test_a_go_program_gets_the_imports_that_it_uses_and_the_functions_that_it_lacks() -> None:
    prompt = "func Poly(x int) int {\n    return x\n}\n// asks\nfunc F() {"
    source = check("go", 'import "sort"\nfunc F() { sort.Ints(Poly(strings.Len)) } // fmt.', prompt=prompt)
    assert '"strings"' in source and source.count('"sort"') == 1
    assert source.count("func Poly(") == 1
    assert check("go", "func Poly(x int) int { return 1 }", prompt=prompt).count("func Poly(") == 1


def test_a_cpp_program_loses_its_main_and_a_rust_program_its_second() -> None:
    assert check("cpp", "int f() {}\nint main() {}") == "int f() {}\n"
    assert check("rust", "fn main(){}\nfn f() {}\nfn main() { f() }") == "fn main(){}\nfn f() {}\n"


def test_a_rust_program_gets_the_imports_of_its_declaration() -> None:
    declaration = "use md5;\nuse rand::Rng;\nfn f() {"
    assert (
        check("rust", "use md5;\nfn f() {}", declaration=declaration) == "use rand::Rng;\nuse md5;\nfn f() {}"
    )

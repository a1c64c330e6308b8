"""HumanEvalPack's three tasks: prompts, stages, verdicts on right and buggy answers, and errors."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generations_file import Generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Completion
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.tasks.prompt_forms import prompt_of

DATA = Path(__file__).parents[2].parent / "shared" / "data"
TASKS = ("synthesize", "fix", "explain")
LANGUAGES = ("python", "java")
EVERY = 1 if os.environ.get("ASTRAIOS_RAY_ALL_TESTS") else 32  # of the 164 problems of the real data

real = pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}")


def load(task: str, language: str, options: str = "data=builtin") -> Evaluator:
    return load_evaluator(f"humanevalpack_{task}?language={language}&{options}")


def answers(problem: Problem, solution: str) -> Completion:
    """The completion of a model that gives this solution."""
    return Completion(problem.id, 0, "\n" + problem.answer[solution])


def passed(
    task: str, language: str, options: str, sandbox: Bubblewrap, solution: str, problems: Sequence[Problem]
) -> float:
    name = f"humanevalpack_{task}?language={language}&{options}"
    verdicts = judge_all(name, [answers(problem, solution) for problem in problems], sandbox, InThreads(2))
    return score(name, verdicts, {}).metrics["pass_at_1"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS)
def test_right_answers_score_one_and_buggy_ones_zero(task: str, language: str, sandbox: Bubblewrap) -> None:
    problems = load(task, language).problems()
    assert len(problems) == 5
    assert passed(task, language, "data=builtin", sandbox, "canonical_solution", problems) == 1.0
    assert passed(task, language, "data=builtin", sandbox, "buggy_solution", problems) == 0.0


@real
@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS)
def test_so_it_is_on_the_real_rows(task: str, language: str, sandbox: Bubblewrap) -> None:
    options = f"data_root={DATA}"
    problems = load(task, language, options).problems()
    assert len(problems) == 164
    selection = problems[TASKS.index(task) :: EVERY]
    assert passed(task, language, options, sandbox, "canonical_solution", selection) == 1.0
    assert passed(task, language, options, sandbox, "buggy_solution", selection) == 0.0


ROW = {
    "task_id": "T/0",
    "prompt": 'def f(x):\n    """ Two times x. """\n',
    "declaration": "def f(x):\n",
    "canonical_solution": "    return 2 * x\n",
    "buggy_solution": "    return x\n",
    "test": "def check(f):\n    assert f(2) == 4\n\ncheck(f)",
    "entry_point": "f",
    "docstring": "Two times x.",
    "instruction": "Write a Python function `f(x)` to solve the following problem:\nTwo times x.",
}


def rows(folder: Path, *changed: dict[str, object]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps({**ROW, **change}) + "\n" for change in changed or ({},)))
    return path


@pytest.mark.parametrize(
    ("task", "prompt"),
    [
        (
            "synthesize",
            "Question: Write a Python function `f(x)` to solve the following problem:\nTwo times x.\n\n"
            'Answer:\ndef f(x):\n    """ Two times x. """',
        ),
        (
            "fix",
            "Question: Fix bugs in f.\ndef f(x):\n    return x\n\ndef check(f):\n    assert f(2) == 4\n\n"
            "check(f)\n\nAnswer:\ndef f(x):",
        ),
        (
            "explain",
            "Question: Provide a concise natural language description of the code using at most 12 "
            "characters.\ndef f(x):\n    return 2 * x\n\n\nAnswer:",
        ),
    ],
)
def test_prompts_are_those_of_the_paper(task: str, prompt: str, tmp_path: Path) -> None:
    (problem,) = load(task, "python", f"data={rows(tmp_path)}").problems()
    assert problem.prompt == prompt


@pytest.mark.parametrize(("language", "name"), [("python", "Python"), ("java", "Java")])
def test_explain_shows_the_description_and_asks_for_the_code(
    language: str, name: str, tmp_path: Path
) -> None:
    evaluator = load("explain", language, f"data={rows(tmp_path)}")
    (problem,) = evaluator.problems()
    second = evaluator.then(problem, Completion("T/0", 3, " Doubles a number, quickly."))
    assert second is not None
    question = f"Write functional code in {name} according to the description.\nDoubles a nu"
    assert second.prompt == prompt_of(question, "def f(x):\n")
    assert evaluator.then(second, Completion("T/0", 3, "\n    return 2 * x")) is None


@pytest.mark.parametrize("task", ["synthesize", "fix"])
def test_the_others_have_one_stage(task: str) -> None:
    evaluator = load(task, "python")
    problem = evaluator.problems()[0]
    assert evaluator.then(problem, Completion(problem.id, 0, "")) is None


def test_a_program_may_use_the_modules_that_the_harness_imports(sandbox: Bubblewrap, tmp_path: Path) -> None:
    options = f"data={rows(tmp_path)}"
    texts = ("\n    return math.floor(2.5) * x", "\n    return np.floor(2.5) * x")
    name = f"humanevalpack_fix?{options}"
    verdicts = judge_all(name, [Completion("T/0", n, text) for n, text in enumerate(texts)], sandbox)
    numpy_is_there = bool(sandbox.packages.versions)
    with_numpy = "passed" if numpy_is_there else "runtime_error"
    assert [verdict.outcome for verdict in verdicts] == ["passed", with_numpy], verdicts


def test_without_numpy_a_program_that_only_names_it_passes(tmp_path: Path) -> None:
    name = f"humanevalpack_fix?data={rows(tmp_path)}"
    texts = ("\n    # no np needed\n    return 2 * x", "\n    return np.floor(2.5) * x")
    completions = [Completion("T/0", number, text) for number, text in enumerate(texts)]
    verdicts = load_evaluator(name).judge(load_evaluator(name).problems()[0], completions, Bubblewrap())
    assert [verdict.outcome for verdict in verdicts] == ["passed", "runtime_error"], verdicts


def test_other_languages_are_refused() -> None:
    with pytest.raises(ConfigError, match="language=cobol: expected one of python, java, cpp, "):
        load("fix", "cobol")


def one_program(program: str) -> Generations:
    return Generations("g.json", [[program]], with_ids=False, sha256="")


def test_saved_texts_are_whole_programs(tmp_path: Path) -> None:
    evaluator = load("fix", "python", f"data={rows(tmp_path)}")
    assert evaluator.saved(one_program("def f(x):\n    return 2 * x")) == [
        Completion("T/0", 0, "def f(x):\n    return 2 * x", whole=True)
    ]


def test_a_saved_program_of_another_problem_is_refused_with_its_row(tmp_path: Path) -> None:
    evaluator = load("fix", "python", f"data={rows(tmp_path)}")
    with pytest.raises(DataError, match=r"g.json: row 1, sample 1: does not name 'f'"):
        evaluator.saved(one_program("def g(y):\n    return 2 * y"))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (({"test": None},), r"rows.jsonl:1: 'test' must be text"),
        (({}, {}), r"rows.jsonl:2: task_id 'T/0' is that of .*rows.jsonl:1 too"),
    ],
)
def test_bad_rows_are_told_with_place_and_reason(
    changed: Sequence[dict[str, object]], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=reason):
        load("fix", "python", f"data={rows(tmp_path, *changed)}").problems()


def test_a_row_without_one_of_its_keys_is_told(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({key: value for key, value in ROW.items() if key != "docstring"}))
    with pytest.raises(DataError, match="'docstring' is missing"):
        load("fix", "python", f"data={path}").problems()

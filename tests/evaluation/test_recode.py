"""The evaluator recode: its problems, its layouts of generations, and its scores."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.generations_file import Generations, read_generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from tests.fakes.sandboxes import TrustingSandbox
from tests.tasks.perturbations.rows import ROW

TASK = "recode?data=builtin&category={}"
CATEGORIES = ("format", "function", "syntax", "docstring")
FORMAT = load_evaluator(TASK.format("format"))


def generations(path: Path, rows: object, limit: int | None = None) -> Generations:
    path.write_text(json.dumps(rows))
    return read_generations(path, limit)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_problem_has_its_nominal_variant_first_and_all_others_one_after_another(category: str) -> None:
    ids = [problem.id.split("/", 3) for problem in load_evaluator(TASK.format(category)).problems()]
    tasks = list(dict.fromkeys(task for _, _, _, task in ids))
    assert [task for _, _, _, task in ids] == sorted((parts[3] for parts in ids), key=tasks.index)
    assert len(set(Counter(task for _, _, _, task in ids).values())) == 1
    firsts = {task: next(parts[1] for parts in ids if parts[3] == task) for task in tasks}
    assert set(firsts.values()) == {"nominal"}


def test_the_prompt_is_that_of_astraios_and_ends_without_blanks() -> None:
    prompt = FORMAT.problems()[0].prompt
    assert prompt.startswith("Question: Create a Python script for this problem.\n\nAnswer: ")
    assert prompt == prompt.strip()


@pytest.mark.parametrize("category", CATEGORIES)
def test_references_are_robust_and_empty_answers_are_not(category: str, sandbox: Bubblewrap) -> None:
    task = TASK.format(category)
    evaluator = load_evaluator(task)
    problems = evaluator.problems()
    right = [item for item in map(evaluator.reference, problems) if item]
    assert len(right) == len(problems)
    metrics = score(task, judge_all(task, right, sandbox), {}).metrics
    assert metrics["pass_at_1"] == metrics[evaluator.ranking] == metrics[f"sound_share/{category}"] == 1.0
    assert metrics[f"robust_change_at_1/{category}"] == 0.0
    empty = [Completion(problem.id, 0, "") for problem in problems]
    assert score(task, judge_all(task, empty, sandbox), {}).metrics[evaluator.ranking] == 0.0


def test_lists_hold_the_variants_in_the_order_of_the_sets_with_or_without_nominal_ones(
    tmp_path: Path,
) -> None:
    problems = [problem.id for problem in FORMAT.problems()]
    in_sets = sorted(problems, key=lambda name: (name.split("/")[1] == "nominal", name.split("/")[1]))
    perturbed = [name for name in in_sets if "/nominal/" not in name]
    for order in (in_sets, perturbed):
        completions = FORMAT.saved(generations(tmp_path / "file.json", [[name] for name in order]))
        assert [item.text for item in completions] == [item.problem for item in completions] == order
        assert all(item.whole for item in completions)


def test_a_limit_takes_all_variants_of_the_first_problem_first(tmp_path: Path) -> None:
    problems = [problem.id for problem in FORMAT.problems()]
    rows = [["text"] for name in problems if "/nominal/" not in name]
    completions = FORMAT.saved(generations(tmp_path / "file.json", rows, limit=7))
    assert {item.problem for item in completions} == set(problems[1:7])  # problem 0 is nominal


def test_rows_with_ids_may_lack_the_nominal_ones_and_no_others(tmp_path: Path) -> None:
    problems = [problem.id for problem in FORMAT.problems()]
    rows = [{"problem": name, "text": "x"} for name in problems if "/nominal/" not in name]
    assert len(FORMAT.saved(generations(tmp_path / "file.json", rows))) == len(rows)
    with pytest.raises(DataError, match="has 0 samples"):
        FORMAT.saved(generations(tmp_path / "file.json", rows[1:]))
    with pytest.raises(DataError, match="no problem 'format/unheard/0/x'"):
        FORMAT.saved(
            generations(tmp_path / "file.json", [*rows, {"problem": "format/unheard/0/x", "text": ""}])
        )


def test_a_number_of_rows_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has 3 rows"):
        FORMAT.saved(generations(tmp_path / "file.json", [["x"]] * 3))


def test_an_unknown_category_is_refused() -> None:
    with pytest.raises(ConfigError, match="category=names: expected one of format, function"):
        load_evaluator("recode?category=names")


def test_a_released_row_whose_reference_fails_is_told_from_a_model_that_fails(tmp_path: Path) -> None:
    folder = tmp_path / "recode"
    folder.mkdir()
    broken = replace(ROW, canonical_solution="    return None\n")
    for name, row in (("tabs", ROW), ("lines", broken)):
        (folder / f"humaneval_{name}_s0.jsonl").write_text(json.dumps(row.__dict__) + "\n")
    task = f"recode?data={folder}"
    texts = [Completion(problem.id, 0, "") for problem in load_evaluator(task).problems()]
    verdicts = judge_all(task, texts, TrustingSandbox())
    assert {item.problem: item.facts["sound"] for item in verdicts} == {
        "format/lines/0/test/0": False,
        "format/tabs/0/test/0": True,
    }

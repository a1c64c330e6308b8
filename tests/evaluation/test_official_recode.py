"""New verdicts on the official ReCode generations of Astraios equal those of Python 3.9.

By default the first five problems with all variants; with ASTRAIOS_RAY_ALL_TESTS all problems, and their
scores.
"""

import csv
import gzip
import json
import os
from pathlib import Path

import pytest

from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Outcome, Value, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.tasks.robustness_scores import robustness

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
PROBLEMS = 5  # of 164, by default
POINTS = 0.7  # percentage points of tolerance for a score, a little more than one problem of 164
NAMES = {"format": "format", "function": "func_name", "syntax": "natgen"}
VARIANTS = {"format": 10, "function": 26, "syntax": 15}
UNSOUND = {"format": {"50", "66", "80", "109", "117", "118", "135", "140", "148", "156"}}
CASES = [(category, method) for category in NAMES for method in ("lora", "ia3")]

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}")


def file_name(category: str, method: str) -> str:
    name = f"generations-humaneval-{NAMES[category]}-num_seeds_5-starcoderbase-1b-{method}.json"
    return f"recode-{category}/{name}"


def recorded_verdicts(category: str, method: str) -> dict[str, bool]:
    """Whether each problem's program passed, by the problem's id."""
    with gzip.open(DATA / "expected" / "verdicts_1b_lora_ia3.jsonl.gz", "rt") as lines:
        (passed,) = (
            row["passed"]
            for row in map(json.loads, lines)
            if row["file"] == f"outputs/{file_name(category, method)}"
        )
    files = sorted((DATA / "recode" / NAMES[category]).glob("*.jsonl.gz"))
    variants = [
        path.name.removeprefix("humaneval_").removesuffix(".jsonl.gz").rsplit("_s", 1) for path in files
    ]
    ids = [f"{category}/{name}/{seed}/HumanEval/{n}" for name, seed in variants for n in range(164)]
    return {name: letter == "1" for name, letter in zip(ids, passed, strict=True)}


@pytest.mark.parametrize(("category", "method"), CASES)
def test_the_published_numbers_follow_from_the_verdicts(category: str, method: str) -> None:
    verdicts = [recorded(name, passed) for name, passed in recorded_verdicts(category, method).items()]
    metrics = robustness(category, verdicts)
    for name, points in published(category, method).items():
        assert 100 * metrics[name].value == pytest.approx(points, abs=0.01), name
        assert metrics[name].count == 164


def recorded(name: str, passed: bool) -> Verdict:
    _, transformation, seed, task = name.split("/", 3)
    facts: dict[str, Value] = {
        "task": task,
        "transformation": transformation,
        "seed": int(seed),
        "sound": True,
    }
    return Verdict(name, 0, Outcome.PASSED if passed else Outcome.FAILED, facts=facts)


@pytest.mark.slow
@pytest.mark.parametrize(("category", "method"), CASES)
def test_every_program_is_judged_as_it_was(category: str, method: str, sandbox: Bubblewrap) -> None:
    task = f"recode?category={category}&data_root={DATA}"
    limit = None if ALL else PROBLEMS * (VARIANTS[category] + 1)
    path = DATA / "astraios_generations" / f"{file_name(category, method)}.gz"
    verdicts = judge_all(
        task, load_evaluator(task).saved(read_generations(path, limit)), sandbox, InThreads(2)
    )
    assert len(verdicts) == (164 if ALL else PROBLEMS) * VARIANTS[category]
    right = recorded_verdicts(category, method)
    assert not [item for item in verdicts if (item.outcome is Outcome.PASSED) != right[item.problem]]
    if ALL:
        metrics = score(task, verdicts, {}).metrics
        for name, points in published(category, method).items():
            assert 100 * metrics[name] == pytest.approx(points, abs=POINTS), name
        if category in UNSOUND:
            unsound = {str(item.facts["task"]) for item in verdicts if not item.facts["sound"]}
            assert unsound == {f"HumanEval/{number}" for number in UNSOUND[category]}


def published(category: str, method: str) -> dict[str, float]:
    """Robust pass@1 of each transformation and of the category, and the mean, in percent."""
    points = {
        f"robust_pass_at_1/{row['transformation']}": float(row["robust_pass_at_1_pct"])
        for row in rows("astraios_recode_recomputed", category, method)
    }
    (row,) = rows("astraios_recode_category_recomputed", category, method)
    points[f"robust_pass_at_1/{category}"] = float(row["rp1_worst_over_all_transformations_pct"])
    points[f"perturbed_pass_at_1/{category}"] = float(row["mean_pass_at_1_over_perturbed_pct"])
    return points


def rows(name: str, category: str, method: str) -> list[dict[str, str]]:
    with (DATA / "expected" / f"{name}.csv").open() as lines:
        return [
            row for row in csv.DictReader(lines) if row["category"] == category and row["method"] == method
        ]

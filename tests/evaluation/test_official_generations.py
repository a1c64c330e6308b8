"""New verdicts on the official generations of Astraios equal those of Python 3.9 and JDK 17.

By default a few problems of each file; with ASTRAIOS_RAY_ALL_TESTS all problems, and their scores.
"""

import csv
import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
DEFAULT_PROBLEMS = {"python": range(3, 164, 27), "java": range(5, 164, 80)}  # of the problems, by default
POINTS = 0.3  # percentage points of tolerance for a score

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}"),
]


def recorded_verdicts(language: str) -> list[tuple[str, str, str]]:
    """The path, the task and the verdicts of each file in a language."""
    if not DATA.exists():
        return []
    with gzip.open(DATA / "expected" / "verdicts_1b_lora_ia3.jsonl.gz", "rt") as lines:
        files = [json.loads(line) for line in lines]
    names = {
        "humanevalsynthesize": "synthesize",
        "humanevalfixtests": "fix",
        "humanevalexplainsynthesize": "explain",
    }
    return [
        (file["file"].removeprefix("outputs/"), f"humanevalpack_{name}?language={language}", file["passed"])
        for file in files
        for folder, name in names.items()
        if file["file"].startswith(f"outputs/{folder}-{language}/")
    ]


CASES = [
    pytest.param(language, *case, id=case[0].split("/")[-1])
    for language in ("python", "java")
    for case in recorded_verdicts(language)
]


def test_there_are_six_files_of_each_language() -> None:
    assert len(CASES) == 12


@pytest.mark.parametrize(("language", "file", "name", "verdicts"), CASES)
def test_every_sample_is_judged_as_it_was(
    language: str, file: str, name: str, verdicts: str, sandbox: Bubblewrap
) -> None:
    if language == "java" and shutil.which("jlink") is None:
        pytest.skip("no JDK is installed")
    task = f"{name}&data_root={DATA}"
    completions = load_evaluator(task).saved(read_generations(DATA / "astraios_generations" / f"{file}.gz"))
    places = [place for place in range(len(completions)) if ALL or place // 20 in DEFAULT_PROBLEMS[language]]
    judgements = judge_all(task, [completions[place] for place in places], sandbox, InThreads(2))
    differ = [
        verdict
        for place, verdict in zip(places, judgements, strict=True)
        if (verdict.outcome is Outcome.PASSED) != (verdicts[place] == "1")
    ]
    assert not differ
    if ALL:
        metrics = score(task, judgements, {}).metrics
        row = published(language, file)
        assert 100 * metrics["pass_at_1"] == pytest.approx(float(row["pass_at_1_pct"]), abs=POINTS)
        assert 100 * metrics["pass_at_10"] == pytest.approx(float(row["pass_at_10_pct"]), abs=POINTS)


def published(language: str, file: str) -> dict[str, str]:
    with (DATA / "expected" / f"astraios_humanevalpack_{language}_recomputed.csv").open() as lines:
        return next(row for row in csv.DictReader(lines) if row["source_file"] == file.split("/")[-1])

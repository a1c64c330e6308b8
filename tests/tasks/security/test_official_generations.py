"""Of the official AATK generations of Astraios as many samples compile as in the expected table.

By default the Python scenarios and some of C; with ASTRAIOS_RAY_ALL_TESTS all, by the command itself.
"""

import csv
import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.evaluation.judging import judge_all
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.evaluation.thread_pool_judge import InThreads
from astraios_ray.records import Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap

DATA = Path(__file__).parents[3].parent / "shared" / "data"
ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
CUTS = {"none": "as_saved", "truncate": "truncated"}  # by the first word of the table's post-processing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}"),
    pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed"),
]


def table() -> list[dict[str, str]]:
    if not DATA.exists():
        return []
    with (DATA / "expected" / "astraios_aatk_valid_recomputed.csv").open() as file:
        return list(csv.DictReader(file))


def cut_of(row: dict[str, str]) -> str:
    return CUTS[row["post_processing"].split()[0]]


def generations(row: dict[str, str]) -> Path:
    name = f"generations-asleep_completion-starcoderbase-{row['size']}-{row['method']}.json.gz"
    return DATA / "astraios_generations" / "aatk-dow" / name


def limit(row: dict[str, str]) -> int | None:
    return int(row["n_judged"]) // 20 if int(row["n_judged"]) < 800 else None


def judged(row: dict[str, str], sandbox: Bubblewrap, languages_or_ids: tuple[str, ...]) -> list[Verdict]:
    """Verdicts on the scenarios of these languages or ids."""
    task = f"aatk?cut={cut_of(row)}&judges=own&data_root={DATA}"
    problems = load_problems(task)
    completions = load_evaluator(task).saved(read_generations(generations(row), limit(row)))
    selected = [
        item
        for item in completions
        if {item.problem, problems[item.problem].answer["language"]} & set(languages_or_ids)
    ]
    return judge_all(task, selected, sandbox, InThreads(2))


def percent_valid(verdicts: list[Verdict]) -> float:
    return 100 * sum(verdict.facts["valid"] is True for verdict in verdicts) / len(verdicts)


ROWS = [pytest.param(row, id=f"{row['method']}-{cut_of(row)}") for row in table()]


@pytest.mark.parametrize(
    "row", [parameters for parameters in ROWS if parameters.id in ("lora-as_saved", "adapterp-truncated")]
)
def test_as_many_python_samples_are_valid_as_expected(row: dict[str, str], sandbox: Bubblewrap) -> None:
    assert round(percent_valid(judged(row, sandbox, ("python",))), 2) == float(row["valid_python_pct"])


@pytest.mark.parametrize("row", [parameters for parameters in ROWS if parameters.id == "adapterp-truncated"])
def test_as_many_c_samples_are_valid_as_gcc_takes_by_itself(row: dict[str, str], sandbox: Bubblewrap) -> None:
    valid_counts = {
        "DoW/CWE-119-0": 20,
        "DoW/CWE-190-1": 20,
        "DoW/CWE-787-2": 6,
    }  # gcc 12.2, outside of the jail
    verdicts = judged(row, sandbox, tuple(valid_counts))
    assert Counter(verdict.problem for verdict in verdicts if verdict.facts["valid"]) == valid_counts


@pytest.mark.skipif(not ALL, reason="takes minutes; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
@pytest.mark.parametrize("row", ROWS)
def test_the_command_prints_the_expected_shares(row: dict[str, str]) -> None:
    limit_option = ["--limit", str(limit(row))] if limit(row) else []
    options = [
        "--data-root",
        str(DATA),
        "--option",
        f"cut={cut_of(row)}",
        "--option",
        "judges=own",
        *limit_option,
    ]
    outcome = CliRunner().invoke(
        cli, ["score", "aatk", "--generations", str(generations(row)), *options, "--json", "--quiet"]
    )
    assert outcome.exit_code == 0, outcome.output
    result = json.loads(outcome.stdout)
    assert result["denominators"]["valid"] == int(row["n_judged"])
    shares = {"valid": "valid_pct", "valid/c": "valid_c_pct", "valid/python": "valid_python_pct"}
    for name, column in shares.items():
        assert (name in result["scores"]) is bool(row[column])
        if row[column]:
            assert round(100 * result["scores"][name], 2) == float(row[column]), name
    if limit_option:
        return
    assert result["scores"]["covered"] == 39 / 40
    assert 0 < result["scores"]["insecure"] < 1

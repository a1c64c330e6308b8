"""Paired tests on the official Astraios generations, as this project's own scorer judged them."""

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.analysis.paired_comparison import Contender, Pair, PairVerdict, verdicts
from astraios_ray.report.statistics.independent_errors import smallest_difference

EXPECTED = Path(__file__).parents[2].parent / "shared" / "data" / "expected"
FILE = EXPECTED / "verdicts_1b_lora_ia3.jsonl.gz"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the re-scored generations are not on this machine")
SAMPLES = 20


@cache
def shares(task: str, method: str) -> dict[str, float]:
    """Share of 20 samples passed, of each of 164 problems; a file is problem-major."""
    with gzip.open(FILE, "rt") as lines:
        verdict_lines = [json.loads(line) for line in lines]
    (verdicts_of_task,) = [
        line["passed"]
        for line in verdict_lines
        if line["file"].startswith(f"outputs/{task}/") and line["file"].endswith(f"-1b-{method}.json")
    ]
    table = np.array(list(verdicts_of_task), int).reshape(-1, SAMPLES).mean(1)
    return {f"p{number}": float(share) for number, share in enumerate(table)}


@cache
def pair(task: str) -> Pair:
    (comparison,) = verdicts(
        [(Contender("lora", "", shares(task, "lora")), Contender("ia3", "", shares(task, "ia3")))]
    )
    return comparison


@pytest.mark.parametrize(
    ("task", "points", "verdict"),
    [  # differences of pass@1 in percent: astraios_humanevalpack_python_recomputed.csv
        ("humanevalexplainsynthesize-python", 20.49 - 9.51, PairVerdict.BETTER),
        ("humanevalfixtests-python", 3.29 - 2.01, PairVerdict.TIE),
        ("humanevalsynthesize-python", 17.26 - 16.25, PairVerdict.TIE),
    ],
)
def test_lora_beside_ia3_at_one_billion_parameters(task: str, points: float, verdict: PairVerdict) -> None:
    comparison = pair(task)
    assert comparison.difference.problems == 164
    assert 100 * comparison.difference.mean == pytest.approx(points, abs=0.011)
    assert comparison.verdict is verdict


@pytest.mark.parametrize("task", ["humanevalsynthesize-python", "humanevalexplainsynthesize-python"])
def test_the_exact_p_value_is_the_one_that_scipy_draws(task: str) -> None:
    gaps = np.subtract(list(shares(task, "lora").values()), list(shares(task, "ia3").values()))
    expected = stats.permutation_test(
        (gaps,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(0)
    )
    assert pair(task).p_value == pytest.approx(expected.pvalue, abs=0.02)


def test_with_one_sample_each_it_is_mcnemars_test() -> None:
    task = "humanevalexplainsynthesize-python"
    one, other = ({p: float(share > 0) for p, share in shares(task, m).items()} for m in ("lora", "ia3"))
    wins = sum(one[p] > other[p] for p in one)
    losses = sum(one[p] < other[p] for p in one)
    (comparison,) = verdicts([(Contender("lora", "", one), Contender("ia3", "", other))])
    assert comparison.p_value == pytest.approx(stats.binomtest(wins, wins + losses).pvalue)


def test_one_point_is_below_what_164_problems_resolve() -> None:
    assert 0.02 < smallest_difference(pair("humanevalsynthesize-python").errors) < 0.05

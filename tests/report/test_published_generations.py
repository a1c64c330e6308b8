"""Paired tests on the official Astraios generations, as this project's own scorer judged them."""

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from astraios_ray.report.analysis.paired_comparison import Contender, Pair, PairVerdict, verdicts
from astraios_ray.report.statistics.power import smallest_difference

EXPECTED = Path(__file__).parents[2].parent / "shared" / "data" / "expected"
FILE = EXPECTED / "verdicts_1b_lora_ia3.jsonl.gz"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the re-scored generations are not on this machine")
SAMPLES = 20


@cache
def shares(task: str, method: str) -> dict[str, float]:
    """Share of 20 samples passed, of each of 164 problems; a file is problem-major."""
    with gzip.open(FILE, "rt") as lines:
        found = [json.loads(line) for line in lines]
    (passed,) = [
        each["passed"]
        for each in found
        if each["file"].startswith(f"outputs/{task}/") and each["file"].endswith(f"-1b-{method}.json")
    ]
    table = np.array(list(passed), int).reshape(-1, SAMPLES).mean(1)
    return {f"p{number}": float(share) for number, share in enumerate(table)}


@cache
def pair(task: str) -> Pair:
    (found,) = verdicts(
        [(Contender("lora", "", shares(task, "lora")), Contender("ia3", "", shares(task, "ia3")))]
    )
    return found


@pytest.mark.parametrize(
    ("task", "points", "verdict"),
    [  # differences of pass@1 in percent: astraios_humanevalpack_python_recomputed.csv
        ("humanevalexplainsynthesize-python", 20.49 - 9.51, PairVerdict.BETTER),
        ("humanevalfixtests-python", 3.29 - 2.01, PairVerdict.TIE),
        ("humanevalsynthesize-python", 17.26 - 16.25, PairVerdict.TIE),
    ],
)
def test_lora_beside_ia3_at_one_billion_parameters(task: str, points: float, verdict: PairVerdict) -> None:
    found = pair(task)
    assert found.difference.problems == 164
    assert 100 * found.difference.mean == pytest.approx(points, abs=0.011)
    assert found.verdict is verdict


@pytest.mark.parametrize("task", ["humanevalsynthesize-python", "humanevalexplainsynthesize-python"])
def test_the_exact_p_value_is_the_one_that_scipy_draws(task: str) -> None:
    gaps = np.subtract(list(shares(task, "lora").values()), list(shares(task, "ia3").values()))
    drawn = stats.permutation_test(
        (gaps,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(0)
    )
    assert pair(task).p_value == pytest.approx(drawn.pvalue, abs=0.02)


def test_with_one_sample_each_it_is_mcnemars_test() -> None:
    task = "humanevalexplainsynthesize-python"
    one, other = ({p: float(share > 0) for p, share in shares(task, m).items()} for m in ("lora", "ia3"))
    won = sum(one[p] > other[p] for p in one)
    lost = sum(one[p] < other[p] for p in one)
    (found,) = verdicts([(Contender("lora", "", one), Contender("ia3", "", other))])
    assert found.p_value == pytest.approx(stats.binomtest(won, won + lost).pvalue)


def test_one_point_is_below_what_164_problems_resolve() -> None:
    found = pair("humanevalsynthesize-python").difference
    assert 0.02 < smallest_difference(found.spread, found.problems) < 0.05

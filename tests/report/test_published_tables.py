"""The re-scored Astraios tables as input of ranking, fronts, rank agreement and laws, with known answers.

What the tables do not have is a loss (the paper prints none), so laws are fitted to the numbers that they do
have at four sizes: trainable parameters.
"""

import csv
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from astraios_ray.records import Cost, TrialResult
from astraios_ray.report.analysis.cost import AXES, cheapest_near_best, comparable, front
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.analysis.peft_results import read_results
from astraios_ray.report.analysis.scale import Scale, base_parameters, scale
from astraios_ray.report.statistics.agreement import agreement
from tests.fakes.sized_studies import sized
from tests.fakes.study_records import record, result, score

EXPECTED = Path(__file__).parents[2].parent / "shared" / "data" / "expected"
PARAMETERS = AXES[0]
TASKS = [f"humaneval{name}-python" for name in ("explainsynthesize", "fixtests", "synthesize")]
pytestmark = pytest.mark.skipif(not EXPECTED.is_dir(), reason="the re-scored tables are not on this machine")


def lines(name: str) -> list[dict[str, str]]:
    with (EXPECTED / name).open(newline="") as file:
        return list(csv.DictReader(file))


def parameter_counts(size: str) -> dict[str, int]:
    """Method -> its trainable parameters."""
    return {
        line["method"]: int(line["updated_params"])
        for line in lines("astraios_params.csv")
        if line["size"] == size
    }


def pass_rates(task: str) -> dict[str, float]:
    """Method -> pass@1 at one billion parameters."""
    table = lines("astraios_humanevalpack_python_recomputed.csv")
    return {line["method"]: float(line["pass_at_1_pct"]) / 100 for line in table if line["task"] == task}


def board(task: str) -> Leaderboard:
    def trial(number: int, method: str, share: float) -> TrialResult:
        plain = result(
            number, method, losses={200: 1.0}, scores=(score(share, problems=164, evaluator=task),)
        )
        return replace(plain, cost=Cost(1.0, 1.0, parameter_counts("1b")[method], 1))

    results = [
        trial(number, *method_and_share) for number, method_and_share in enumerate(pass_rates(task).items())
    ]
    return leaderboard(record(*results, evaluate={"tasks": [task]}))


@pytest.mark.parametrize("task", TASKS)
def test_methods_are_ranked_by_their_re_scored_pass_at_1(task: str) -> None:
    rates = pass_rates(task)
    assert [row.method for row in board(task).ranked] == sorted(rates, key=lambda method: -rates[method])
    assert len(rates) == 2


@pytest.mark.parametrize("task", TASKS)
def test_the_front_of_pass_at_1_against_parameters_is_that_of_its_definition(task: str) -> None:
    rates, cost = pass_rates(task), parameter_counts("1b")
    dominated = {
        method
        for method in rates
        if any(
            rates[rival] >= rates[method] and cost[rival] < cost[method] for rival in rates if rival != method
        )
    }
    frontier = front(*comparable(board(task)), PARAMETERS)
    assert {row.method for row in frontier} == set(rates) - dominated
    near_best = [method for method in rates if rates[method] >= max(rates.values()) - 0.01]
    cheapest = cheapest_near_best(board(task), *comparable(board(task)), PARAMETERS)
    assert cheapest and cheapest.method == min(near_best, key=lambda method: cost[method])


def test_what_is_robust_of_lora_is_robust_of_ia3_as_scipy_says() -> None:
    table = lines("astraios_recode_recomputed.csv")
    by_method = {
        method: {
            f"{line['category']}/{line['transformation']}": float(line["robust_pass_at_1_pct"])
            for line in table
            if line["method"] == method
        }
        for method in ("lora", "ia3")
    }
    common = [name for name in by_method["lora"] if name in by_method["ia3"]]
    one, other = ([by_method[method][name] for name in common] for method in ("lora", "ia3"))
    order = agreement(one, other)
    assert order and order.count == len(common) == 19
    assert order.spearman == pytest.approx(stats.spearmanr(one, other).statistic)
    assert order.kendall == pytest.approx(stats.kendalltau(one, other).statistic)


SIZES = ("1b", "3b", "7b", "15b")


def growth() -> tuple[list[int], dict[str, list[float]], Scale]:
    """The four base sizes, each method's trainable parameters there, and these as losses across sizes."""
    sizes = [parameter_counts(size)["fft"] for size in SIZES]
    numbers = {m: [float(parameter_counts(size)[m]) for size in SIZES] for m in parameter_counts("1b")}
    return sizes, numbers, scale(sized(numbers, sizes))


def test_the_laws_of_seven_methods_at_four_sizes_are_those_of_numpy() -> None:
    sizes, numbers, scaling = growth()
    assert len(scaling.laws) == 7
    for law in scaling.laws:
        slope, level = np.polyfit(np.log(sizes), np.log(numbers[law.method]), 1)
        smaller_fit = np.polyfit(np.log(sizes[:-1]), np.log(numbers[law.method][:-1]), 1)
        assert law.fit and law.left_out and law.next and scaling.at
        assert law.fit.exponent == pytest.approx(-slope)
        assert law.left_out.prediction.value == pytest.approx(
            np.exp(np.polyval(smaller_fit, np.log(sizes[-1])))
        )
        assert law.next.value == pytest.approx(np.exp(level + slope * np.log(scaling.at)))


def test_full_fine_tuning_trains_what_there_is() -> None:
    (full,) = (law for law in growth()[2].laws if law.method == "fft")
    assert full.fit and full.left_out
    assert (full.fit.exponent, full.fit.factor) == pytest.approx((-1, 1))
    assert full.left_out.error == pytest.approx(0, abs=1e-9)


def test_orders_of_seven_methods_between_sizes_are_those_of_scipy() -> None:
    sizes, numbers, scaling = growth()
    assert len(scaling.orders) == 6
    for order, (one, other) in zip(scaling.orders, combinations(range(4), 2), strict=True):
        first, second = ([-counts[place] for counts in numbers.values()] for place in (one, other))
        assert (order.smaller, order.larger, order.methods) == (sizes[one], sizes[other], 7)
        assert order.agreement
        assert order.agreement.spearman == pytest.approx(stats.spearmanr(first, second).statistic)
        assert (order.first, order.place) == ("ia3", 1)


def test_the_base_of_pefts_published_runs_is_llama_of_three_billion() -> None:
    record = read_results(EXPECTED / "peft_metamathqa_results.csv")
    assert base_parameters(leaderboard(record)) == 3_212_749_824
    counts = [result.cost.base_parameters for result in record.results]
    assert counts.count(3_212_749_824) == 60 and len(counts) == 63

"""peft's results read as a study, ours written as peft reads them, published runs with known answers."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest
from scipy import stats

from astraios_ray.errors import ConfigError
from astraios_ray.records import StudyRecord, TrialState
from astraios_ray.report.analysis.cost import AXES, comparable, front
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.loss_as_proxy import Trust, proxies
from astraios_ray.report.analysis.peft_results import PROBLEMS, is_results, read_results, write_results
from astraios_ray.report.sections.conclusion import warnings
from tests.fakes.study_records import quickstart

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT.parent / "shared" / "data" / "expected" / "peft_metamathqa_results.csv"
published = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published runs are not on this machine")
TITLES = (
    "experiment,peft_type,num_trainable_params,num_total_params,test_accuracy,final_train_loss,forgetting,"
    "memory_max_bytes,memory_reserved_avg_bytes,train_time_s,file_size_bytes,status,created_at"
)
ONE = f"""{TITLES}
lora--rank8,LORA,100,1000,0.5,0.6,0.01,2097152,1,60.5,400,success,2026-01-01
full--steps1000,FULL,1000,1000,0.4,0.7,0.01,4194304,1,90,4000,success,2026-01-01
ia3--broken,IA3,10,1000,,,,,,,,failed,2026-01-01
"""


@pytest.fixture
def three_runs(tmp_path: Path) -> StudyRecord:
    (tmp_path / "few.csv").write_text(ONE)
    return read_results(tmp_path / "few.csv")


def test_a_line_becomes_a_trial_with_score_interval_and_cost(three_runs: StudyRecord) -> None:
    first, second, third = three_runs.results
    assert (first.spec.method, second.spec.method) == ("peft:LORA", "full")
    assert (first.cost.trainable_parameters, first.cost.peak_memory_mib, first.cost.seconds) == (100, 2, 60.5)
    assert (first.scores[0].problems, first.scores[0].samples) == (PROBLEMS, 1)
    low, high = first.scores[0].intervals["pass_at_1"]
    assert [low, high] == pytest.approx([0.473, 0.527], abs=0.001)
    assert (first.points[-1].step, second.points[-1].step) == (5000, 1000)
    assert third.state is TrialState.FAILED and third.scores == () == third.points


def test_a_reader_is_told_that_the_losses_are_of_training(three_runs: StudyRecord) -> None:
    assert any(
        "Losses here are of training batches" in warning for warning in warnings(leaderboard(three_runs))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "columns experiment, peft_type"),
        (ONE.replace("0.5,0.6", "0.5,much"), ":2: could not convert"),
        (TITLES + "\n", "holds no run"),
    ],
)
def test_a_file_that_is_not_pefts_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_results(tmp_path / "bad.csv")


def test_json_that_is_not_pefts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"run_info": {}}')
    assert is_results(tmp_path) and is_results(tmp_path / "bad.json")
    with pytest.raises(ConfigError, match=r"bad.json: is no result of peft's method_comparison \(KeyError"):
        read_results(tmp_path)


def test_what_is_written_is_what_is_read_again(tmp_path: Path) -> None:
    study = quickstart()
    files = write_results(study, tmp_path)
    finished = [trial for trial in study.results if trial.state is TrialState.COMPLETE and trial.scores]
    assert len(files) == len(finished) > 5
    by_experiment = {
        trial.spec.hyperparameters["experiment"]: trial for trial in read_results(tmp_path).results
    }
    for before in finished:
        after = by_experiment[f"{before.spec.method}/{before.spec.label}"]
        assert after.scores[0].metrics["pass_at_1"] == before.scores[0].metrics["pass_at_1"]
        assert after.spec.recipe.learning_rate == before.spec.recipe.learning_rate
        assert after.cost.peak_memory_mib == pytest.approx(before.cost.peak_memory_mib)  # whole bytes
        assert replace(after.cost, peak_memory_mib=0.0) == replace(before.cost, peak_memory_mib=0.0)
        assert [point.step for point in after.points] == [point.step for point in before.points]


def test_what_is_written_has_every_key_that_pefts_own_processing_reads(tmp_path: Path) -> None:
    # huggingface/peft, method_comparison/processing.py: preprocess
    for path in write_results(quickstart(), tmp_path):
        raw = json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))
        run, train, meta = raw["run_info"], raw["train_info"], raw["meta_info"]
        assert {"experiment_name", "train_config", "peft_config", "total_time", "peft_branch"} <= set(run)
        assert run["peft_config"] is None or run["peft_config"]["peft_type"].isupper()
        memory = {f"accelerator_memory_{kind}" for kind in ("max", "reserved_avg", "reserved_99th")}
        assert all(isinstance(train[key], int) for key in memory | {"file_size", "num_trainable_params"})
        assert train["status"] == "success"
        assert {"test accuracy", "train loss", "train samples", "train total tokens"} <= set(
            train["metrics"][-1]
        )
        assert {"peft-version", "torch-version", "datasets-version"} <= set(meta["package_info"])


def column(name: str) -> list[float]:
    with PUBLISHED.open(newline="") as file:
        return [float(line[name]) for line in csv.DictReader(file)]


@published
def test_the_published_runs_are_ranked_by_accuracy() -> None:
    board = leaderboard(read_results(PUBLISHED))
    ranked = [row.value for row in board.ranked]
    assert ranked == sorted(column("test_accuracy"), reverse=True) and len(ranked) == 63
    assert (
        board.scored[0].result.spec.hyperparameters["experiment"]
        == "lily--llama-3.2-3B-rank140-mlp-a2-b2-s8.0"
    )
    assert all(isnan(row.result.spec.recipe.learning_rate) for row in board.rows)


@published
def test_the_published_losses_foretell_accuracy_as_scipy_says() -> None:
    proxy = proxies(leaderboard(read_results(PUBLISHED)))[0]
    losses, accuracies = column("final_train_loss"), column("test_accuracy")
    assert proxy.pooled is not None and proxy.count == 63
    assert proxy.pooled.spearman == pytest.approx(-stats.spearmanr(losses, accuracies).statistic)
    assert proxy.pooled.kendall == pytest.approx(-stats.kendalltau(losses, accuracies).statistic)
    assert proxy.trust is Trust.YES


@published
@pytest.mark.parametrize(
    ("key", "name", "scale"),
    [
        ("trainable_parameters", "num_trainable_params", 1),
        ("seconds", "train_time_s", 1),
        ("peak_memory_mib", "memory_max_bytes", 2**20),
        ("adapter_bytes", "file_size_bytes", 1),
    ],
)
def test_the_published_fronts_are_those_of_their_definition(key: str, name: str, scale: int) -> None:
    costs, accuracies = column(name), column("test_accuracy")
    points = list(zip(costs, accuracies, strict=True))

    def is_dominated(cost: float, accuracy: float) -> bool:
        return any(c <= cost and a >= accuracy and (c, a) != (cost, accuracy) for c, a in points)

    expected = {f"t{n:04d}" for n, point in enumerate(points) if not is_dominated(*point)}
    axis = next(axis for axis in AXES if axis.key == key)
    cost_of: Callable[..., float] = axis.of
    frontier = front(*comparable(leaderboard(read_results(PUBLISHED))), axis)
    assert {row.trial for row in frontier} == expected
    assert all(
        cost_of(row.result.cost) * scale == pytest.approx(costs[row.result.spec.number]) for row in frontier
    )

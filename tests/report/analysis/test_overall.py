"""Means over tasks: their weights, the trial that represents a method, and the published means."""

import csv
from pathlib import Path

import pytest

from astraios_ray.records import Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.overall import Overall, beside_first, overall, tasks_of
from astraios_ray.report.analysis.paired_comparison import PairVerdict
from astraios_ray.report.sections.overall import overall_section
from tests.fakes.study_records import record, result, score

EXPECTED = Path(__file__).parents[3].parent / "shared" / "data" / "expected"


def score_by(task: str, ranking: str, value: float, **metrics: float) -> Score:
    return Score(task, {ranking: value, **metrics}, problems=10, samples=1, ranking=ranking)


def answered(value: float) -> Score:
    return score_by("defect_detection", "accuracy", value, valid_share=1.0)


def robust(category: str, change: float) -> Score:
    name = f"recode-{category}"
    ranking = f"robust_pass_at_1/{category}"
    return score_by(name, ranking, 0.9, **{f"robust_change_at_1/{category}": change})


def secure(share: float | None) -> Score:
    metrics = {} if share is None else {"insecure": share}
    return score_by("aatk", "secure_valid", 0.7, covered=1.0, **metrics)


def trial(number: int, method: str, *scores: Score, loss: float = 1.0) -> TrialResult:
    return result(number, method, losses={200: loss}, scores=scores)


def by_method(study: StudyRecord) -> dict[str, Overall]:
    return {line.method: line for line in overall(leaderboard(study))}


def test_each_task_weighs_the_same_however_many_problems_it_has() -> None:
    small, large = score(0.2, problems=4), score(0.6, evaluator="other", problems=4000)
    assert by_method(record(trial(0, "lora", small, large)))["lora"].score == pytest.approx(0.4)


def test_robustness_and_security_have_means_of_their_own() -> None:
    scores = (score(0.5), robust("format", 0.1), robust("syntax", 0.3), secure(0.25))
    line = by_method(record(trial(0, "lora", *scores)))["lora"]
    assert (line.score, line.weak) == (0.5, 0.25)
    assert line.change == pytest.approx(0.2)


def test_the_mean_of_code_leaves_out_what_is_answered_by_yes_or_no() -> None:
    study = record(trial(0, "lora", score(0.2), answered(0.6)), trial(1, "ia3", score(0.1), answered(0.9)))
    assert tasks_of(leaderboard(study)).written == ("primer",)
    lines = by_method(study)
    assert list(lines) == ["ia3", "lora"]
    assert lines["lora"].written == pytest.approx(0.2)


def test_a_method_stands_with_its_least_loss_and_not_with_its_best_score() -> None:
    lucky = trial(0, "lora", score(0.9), answered(0.9), loss=2.0)
    least = trial(1, "lora", score(0.3), answered(0.5), loss=1.0)
    assert by_method(record(lucky, least))["lora"].trial == "t0001"


def test_a_method_that_lacks_a_task_has_no_mean_and_is_named() -> None:
    study = record(
        trial(0, "lora", score(0.2), answered(0.6)),
        trial(1, "ia3", score(0.9)),
        methods={"lora": {}, "ia3": {}},
    )
    assert list(by_method(study)) == ["lora"]
    section = overall_section(leaderboard(study))
    assert section
    assert "Not scored on every task: ia3." in section.sentences


def test_the_interval_of_a_mean_shrinks_with_more_tasks() -> None:
    one, other = score(0.5, 0.1), score(0.3, 0.1, evaluator="other")
    span = by_method(record(trial(0, "lora", one, other)))["lora"].interval
    assert span == pytest.approx((0.4 - 0.1 / 2**0.5, 0.4 + 0.1 / 2**0.5))


def test_a_task_without_an_interval_leaves_the_mean_without_one() -> None:
    assert (
        by_method(record(trial(0, "lora", score(0.5), score(0.3, None, evaluator="other"))))["lora"].interval
        is None
    )


def test_a_model_without_one_valid_program_has_no_share_of_weak_ones() -> None:
    assert by_method(record(trial(0, "lora", score(0.5), secure(None))))["lora"].weak is None


def shares(task: str, *values: float) -> Score:
    """A score of problems of which these shares of samples passed."""
    solved = {f"p{place}": value for place, value in enumerate(values)}
    mean = sum(values) / len(values)
    return Score(task, {"pass_at_1": mean}, {"pass_at_1": (0.0, 1.0)}, len(values), 1, solved=solved)


def words(study: StudyRecord) -> str:
    section = overall_section(leaderboard(study))
    assert section
    return " ".join(section.sentences)


def test_means_whose_intervals_overlap_are_told_apart_by_the_same_problems() -> None:
    high, low = [1.0] * 12 + [0.0] * 8, [0.0] * 20
    study = record(
        trial(0, "lora", shares("primer", *high), shares("other", *high)),
        trial(1, "ia3", shares("primer", *low), shares("other", *low)),
        trial(2, "full", shares("primer", *high[1:], 0.0), shares("other", *high)),
    )
    sentence = "it is better than the model of ia3; it cannot be told apart from the model of full."
    assert f"each task of the same weight, {sentence}" in words(study) and "overlap" not in words(study)


def test_a_task_of_more_problems_decides_no_more_than_the_others() -> None:
    # of ten problems nine are lost, of two hundred ten are won: means of -0.9 and +0.05
    study = record(
        trial(0, "lora", shares("primer", *[1.0] * 9, 0.0), shares("other", *[0.0] * 200)),
        trial(1, "ia3", shares("primer", *[0.0] * 10), shares("other", *[1.0] * 10, *[0.0] * 190)),
    )
    (pair,) = beside_first(leaderboard(study))
    assert (pair.one.name, pair.verdict) == ("lora", PairVerdict.BETTER)
    assert pair.difference.p_value == pytest.approx(2 / 2**9, rel=0.2)  # as of the small task alone
    assert pair.difference.p_value < pair.p_value < 0.02  # with the luck of seeds


@pytest.mark.parametrize(
    "other",
    [score(0.1), score_by("primer", "f1_macro", 0.1), shares("primer", 0.0, 0.0, 0.0)],
    ids=["problems not recorded", "no mean over problems", "other problems"],
)
def test_means_that_cannot_be_paired_are_not_compared(other: Score) -> None:
    study = record(
        trial(0, "lora", shares("primer", 1.0, 1.0), shares("other", 1.0, 1.0)),
        trial(1, "ia3", other, shares("other", 0.0, 0.0)),
    )
    assert "No paired comparison is possible: these means are not all over recorded" in words(study)


def test_the_untuned_model_stands_last() -> None:
    scores = (score(0.9), answered(0.9))
    study = record(trial(0, "lora", score(0.2), answered(0.6)), base=scores)
    assert [line.method for line in overall(leaderboard(study))] == ["lora", "base"]


def test_one_task_has_nothing_over_all_tasks() -> None:
    assert overall_section(leaderboard(record(trial(0, "lora", score(0.2))))) is None


def test_the_weights_and_the_metric_of_each_task_are_written_beside_the_means() -> None:
    study = record(trial(0, "lora", score(0.2), answered(0.6), robust("format", 0.1), secure(0.5)))
    section = overall_section(leaderboard(study))
    assert section
    notes = " ".join(section.notes)
    assert "each of 2 tasks weighs the same" in notes
    assert "primer (pass@1) and defect_detection (accuracy)" in notes
    assert "each category weighs the same: format" in notes
    assert "aatk" in notes


def published(method: str) -> list[Score]:
    """The six scores of a model of one billion parameters, as re-scored from its official generations."""
    scores = {}
    for language in ("python", "java"):
        with (EXPECTED / f"astraios_humanevalpack_{language}_recomputed.csv").open() as file:
            for row in csv.DictReader(file):
                if row["method"] == method and "explainsynthesize-java" not in row["task"]:
                    scores[row["task"]] = score_by(
                        row["task"], "pass_at_1", float(row["pass_at_1_pct"]) / 100
                    )
    return list(scores.values())


@pytest.mark.skipif(not EXPECTED.is_dir(), reason="the re-scored generations are not on this machine")
def test_the_means_of_the_official_generations_come_out() -> None:
    study = record(*(trial(n, method, *published(method)) for n, method in enumerate(("lora", "ia3"))))
    lines = by_method(study)
    # with the two yes/no tasks these are the published order's 16.74 and 15.79 over seven tasks
    assert 100 * (lines["lora"].written or 0) == pytest.approx(12.7, abs=0.05)
    assert 100 * (lines["ia3"].written or 0) == pytest.approx(
        (16.25 + 16.68 + 2.01 + 3.84 + 9.51) / 5, abs=0.005
    )

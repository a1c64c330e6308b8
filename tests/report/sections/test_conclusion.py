"""What the report says in words."""

from dataclasses import replace
from math import nan

import pytest

from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.sections.conclusion import ranking, verdict, warnings
from tests.fakes.study_records import SANDBOX, quickstart, record, result, score

FULL = {200: 1.0}


def say(*results: TrialResult, **config: object) -> str:
    return verdict(leaderboard(record(*results, **config)))  # type: ignore[arg-type]  # passed on as they are


def warn(study: StudyRecord) -> str:
    return "\n".join(warnings(leaderboard(study)))


def scored(number: int, value: float, method: str = "lora", **fields: object) -> TrialResult:
    return result(number, method, losses=FULL, scores=(score(value, **fields),))  # type: ignore[arg-type]  # passed on as they are


def test_the_best_is_named_with_its_score_its_interval_and_its_denominator() -> None:
    text = say(scored(0, 0.6), scored(1, 0.2), base=(score(0.1),))
    assert text.startswith(
        "Best by pass@1 on primer: lora (r 8, learning rate 1e-3, t0000) with 60.0 % (52.0"
    )
    assert "over 120 problems \u00d7 20 samples" in text


@pytest.mark.parametrize("half_width", [0.08, None])
def test_scores_that_do_not_name_their_problems_are_not_compared(half_width: float | None) -> None:
    text = say(scored(0, 0.6, half_width=half_width), scored(1, 0.2, "ia3", half_width=half_width))
    assert "The best is not compared with the others: which problems each solved was not recorded" in text
    assert "better" not in text and "told apart" not in text


def test_a_single_scored_trial_has_nothing_to_be_compared_with() -> None:
    assert "nothing to compare it with" in say(scored(0, 0.6), result(1, losses=FULL))


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ((score(0.1),), "50.0 points less"),
        ((score(0.7),), "10.0 points more"),
        ((), "the gain from tuning is not known"),
    ],
)
def test_the_gain_over_the_untuned_base_is_stated(base: tuple[Score, ...], words: str) -> None:
    assert words in say(scored(0, 0.6), base=base)


def test_without_scores_the_loss_ranks_and_says_that_it_is_a_proxy() -> None:
    text = say(
        result(0, losses={200: 0.9}),
        result(1, losses=FULL),
        result(2, losses={20: 0.1}, state=TrialState.STOPPED),
    )
    assert "only a proxy" in text and "t0000" in text
    assert "0.9000 nats per token at step 200 of 200, the lowest of the 2 trials measured there" in text


def test_when_no_trial_is_at_full_length_that_is_said() -> None:
    assert "No trial has reached full length." in say(result(0, losses={20: 0.9}, state=TrialState.PAUSED))


def test_when_all_diverged_that_is_said() -> None:
    diverged = [result(number, losses={10: nan}, state=TrialState.DIVERGED) for number in range(3)]
    assert say(*diverged) == "Nothing can be ranked: all 3 trials diverged. Try lower learning rates."


def test_when_nothing_is_usable_the_states_are_counted() -> None:
    text = say(result(0, state=TrialState.FAILED), result(1, state=TrialState.RUNNING))
    assert text == "Nothing can be ranked: none of 2 trials has a usable loss (1 failed, 1 running)."


def test_when_nothing_started_that_is_said() -> None:
    assert say() == "Nothing can be ranked: no trial has started."


def test_few_problems_are_warned_of_with_what_that_means() -> None:
    words = "60 problems are few: the 95 % interval of a score reaches up to \u00b113 points"
    assert words in warn(quickstart(problems=60))
    assert "few" not in warn(quickstart(problems=164))


def test_an_unfinished_study_is_warned_of() -> None:
    study = record(result(0, losses=FULL), complete=False, budget={"trials": 28})
    assert "1 of 28 trials ended" in warn(study)


def test_samples_that_could_not_be_judged_are_counted() -> None:
    assert "7 of 2,400 samples in 1 score could not be judged" in warn(record(scored(0, 0.5, unscored=7)))


def test_values_that_could_not_cross_and_problems_of_one_process_are_told() -> None:
    odd = replace(scored(0, 0.5).scores[0], unsupported=3, one_process=("Mbpp/255",))
    words = warn(record(replace(scored(0, 0.5), scores=(odd,))))
    assert "3 samples gave a value that could not cross to the test (unsupported_value)" in words
    assert "1 problem judged in one process with the test" in words and "Mbpp/255" in words
    assert "cross" not in warn(record(scored(0, 0.5)))


def test_problems_that_could_not_be_judged_are_named_with_the_reason() -> None:
    score = replace(scored(0, 0.5).scores[0], unjudgeable={"BigCodeBench/4": "no module named pandas"})
    words = warn(record(replace(scored(0, 0.5), scores=(score,))))
    assert "Left out of scores: 1 problem, unjudgeable here: BigCodeBench/4: no module named pandas." in words
    assert "Left out" not in warn(record(scored(0, 0.5)))


def test_a_score_without_enough_verdicts_is_counted_as_none() -> None:
    empty = Score("primer", {}, {}, 120, 20, unscored=2400, sandbox=SANDBOX)
    text = warn(record(result(0, losses=FULL, scores=(empty,))))
    assert "2,400 of 2,400 samples in 1 score could not be judged" in text
    assert "1 score of these had too few verdicts and counts as none." in text


def test_scores_over_different_problems_are_warned_of() -> None:
    assert "same denominator" in warn(record(scored(0, 0.5), scored(1, 0.5, problems=164)))


def test_a_weak_or_unknown_sandbox_is_warned_of() -> None:
    weak = Score("primer", {"pass_at_1": 0.5}, {}, 120, 20, sandbox={**SANDBOX, "level": 2})
    assert "weaker than level 3 (level 2)" in warn(record(result(0, losses=FULL, scores=(weak,))))
    bare = Score("primer", {"pass_at_1": 0.5}, {}, 120, 20)
    assert "not recorded" in warn(record(result(0, losses=FULL, scores=(bare,))))


def test_a_method_nothing_is_known_of_is_named() -> None:
    text = warn(record(result(0, losses=FULL), methods={"lora": None, "ia3": None}))
    assert "Nothing is known of ia3" in text


def test_a_clean_study_has_no_warning() -> None:
    assert warn(record(scored(0, 0.6), base=(score(0.1),))) == ""


def test_the_ranking_key_is_said() -> None:
    assert ranking(leaderboard(quickstart())).startswith("by pass@1 on primer; trials without a score follow")
    assert ranking(leaderboard(record())).startswith("by validation loss at full length")

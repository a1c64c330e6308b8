"""What the parts of a report say, of whole studies and of broken ones."""

import json
from dataclasses import replace
from math import inf, nan

import pytest

from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.collect import sections
from tests.fakes.planted_studies import planted
from tests.fakes.study_records import quickstart, record, result, score

CLEAR = {"lora": 2.0, "ia3": 0.0, "full": 0.0}


def words_of(study: StudyRecord, key: str, price: float | None = None) -> str:
    return next(" ".join(part.sentences) for part in sections(leaderboard(study), price) if part.key == key)


def stopped(number: int) -> TrialResult:
    return result(number, losses={20: 3.0}, state=TrialState.STOPPED)


def test_a_planted_best_method_is_named_with_what_it_beats() -> None:
    text = words_of(planted(1, CLEAR, trials=2, spread=0.1), "methods")
    assert text.startswith("On the same problems this model of lora (t000") and "is better than" in text
    assert "With 60 problems \u00d7 20 samples one test finds 80 % of the differences of" in text


def test_when_another_metric_ranks_it_is_said_what_was_tested() -> None:
    study = planted(1, {"lora": 3.0, "ia3": -3.0}, trials=1)
    first, second = study.results
    assert first.scores and second.scores
    upside_down = [
        replace(trial, scores=(replace(trial.scores[0], metrics={"f1_macro": value}, ranking="f1_macro"),))
        for trial, value in ((first, 0.2), (second, 0.4))
    ]
    study = replace(study, results=tuple(upside_down))
    assert "ia3 (t0001) solves fewer of them than the model of lora." in words_of(study, "methods")
    (notes,) = [part.notes for part in sections(leaderboard(study)) if part.key == "methods"]
    assert any("not f1 macro, by which trials rank" in note for note in notes)


def test_a_method_without_a_score_is_named() -> None:
    study = planted(1, CLEAR, trials=1)
    assert "for want of a score: ia4." in words_of(
        replace(study, config={**study.config, "methods": {**CLEAR, "ia4": None}}), "methods"
    )


def test_without_scores_no_method_is_called_better() -> None:
    text = words_of(record(result(0, losses={200: 1.0}), result(1, "ia3", losses={200: 2.0})), "methods")
    assert text == "Unknown: no trial was scored, and a loss says nothing about problems solved."


def test_one_scored_method_has_nothing_beside_it() -> None:
    study = planted(1, {"lora": 0.0}, trials=2)
    config = {**study.config, "methods": {"lora": None, "ia3": None}}
    assert words_of(replace(study, config=config), "methods") == "Unknown: of 2 methods only lora was scored."


@pytest.mark.parametrize(
    ("proxy", "words"), [(0.99, "Trust it to choose"), (0.0, "Do not trust it"), (0.65, "Evaluate")]
)
def test_a_reader_is_told_what_to_do_with_the_loss(proxy: float, words: str) -> None:
    spread = {"lora": 1.0, "ia3": -1.0, "full": 0.3}
    assert words in words_of(planted(3, spread, trials=10, proxy=proxy, problems=164), "proxy")


def test_too_few_scores_ask_for_more() -> None:
    text = words_of(record(result(0, losses={200: 1.0}, scores=(score(0.5),))), "proxy")
    assert "1 trial at full length" in text and "Evaluate 4 more trials at least." in text


def test_a_misranked_method_is_also_a_warning() -> None:
    study = planted(2, {"lora": 0.0, "ia3": 0.0, "full": 0.0}, trials=6, spread=0.8, shift={"ia3": 0.9})
    warnings = document(leaderboard(study))["warnings"]
    assert any(
        "ia3 looks worse by loss than it is: 6 trials score better by" in warning for warning in warnings
    )


def test_a_loss_is_not_trusted_to_compare_a_method_that_it_misranks() -> None:
    study = planted(
        1, {"lora": 1.0, "ia3": -1.0, "full": 0.3}, trials=10, proxy=0.99, problems=164, spread=1.0,
        shift={"ia3": 0.35},
    )  # fmt: skip
    words = words_of(study, "proxy")
    assert words.startswith("Trust it within a method, and not to compare ia3 with others: over 30 trials")
    assert "ia3 looks worse by loss than it is" in words


def test_trials_stopped_without_an_audit_leave_the_regret_unknown() -> None:
    text = words_of(record(result(0, losses={200: 1.0}), stopped(1), stopped(2)), "pruning")
    assert text.startswith("Not known: 2 trials stopped") and "audit_fraction" in text


def test_an_audited_loser_that_won_is_told_with_what_to_change() -> None:
    loser = replace(result(1, losses={200: 0.8}, scores=(score(0.7),)), audited=True)
    text = words_of(record(result(0, losses={200: 1.0}, scores=(score(0.6),)), loser, stopped(2)), "pruning")
    assert "Of 2 losers, 1 was allowed to finish, and 1 ended below the best trial kept" in text
    assert "by up to 0.2000 nats per token: stop later" in text and "10.0 points above" in text


def test_an_audited_loser_that_won_by_luck_is_no_advice_and_the_budget_makes_no_losers() -> None:
    loser = replace(result(1, losses={200: 0.9999}), audited=True)
    late = [replace(stopped(n), reason="the study's budget is spent") for n in range(10, 30)]
    text = words_of(record(result(0, losses={200: 1.0}), loser, stopped(2), *late), "pruning")
    assert text.startswith("Of 2 losers, 1 was allowed to finish, and 1 ended below the best trial kept")
    assert "no more than the 0.0100" in text and "may be luck" in text and "stop later" not in text
    assert "20 trials stopped when the budget was spent are no losers." in text


def test_a_study_in_which_nothing_was_stopped_does_not_ask_whether_that_was_right() -> None:
    assert "pruning" not in [part.key for part in sections(leaderboard(planted(1, CLEAR)))]


def test_the_bill_has_a_price_where_one_is_given() -> None:
    assert "0.13 at the price given" in words_of(quickstart(), "cost", 2.0)  # 231.4 s of an hour at 2
    assert "price" not in words_of(quickstart(), "cost")


def test_hardly_tried_methods_are_named() -> None:
    assert words_of(planted(1, CLEAR, trials=3), "settings").startswith(
        "Every method had only 3 measured trials"
    )
    assert "Hardly tried, by measured trials: " in words_of(quickstart(30), "settings")


EMPTY = Score("primer", {}, {}, 120, 20, unscored=2400)
PARTIAL = {
    "no trial": record(complete=False),
    "all diverged": record(*(result(n, losses={10: nan}, state=TrialState.DIVERGED) for n in range(3))),
    "half-finished": record(result(0, losses={20: 1.0}, state=TrialState.PAUSED), stopped(1), complete=False),
    "no finalist": record(result(0, losses={200: 1.0}), result(1, losses={200: inf}), stopped(2)),
    "one method": planted(1, {"lora": 0.0}),
    "only unscored samples": record(*(result(n, losses={200: 1.0 + n}, scores=(EMPTY,)) for n in range(6))),
    "equal scores and losses": record(
        *(result(n, f"m{n}", losses={200: 1.0}, scores=(score(0.0),)) for n in range(6))
    ),
    "no settings": replace(planted(1, CLEAR), config={}),
    "odd settings": replace(
        planted(1, CLEAR), config={"methods": {"lora": 3}, "early_stop": {"rule": 7}, "training": {}}
    ),
    "other problems each": record(
        *(
            result(
                n,
                f"m{n}",
                losses={200: 1.0},
                scores=(replace(score(0.5), solved={f"a{n}": 1.0, f"b{n}": 0.0}),),
            )
            for n in range(3)
        )
    ),
}


@pytest.mark.parametrize("name", PARTIAL)
def test_a_partial_study_is_told_without_a_number_that_is_none(name: str) -> None:
    board = leaderboard(PARTIAL[name])
    parts = sections(board, 1.0)
    words = " ".join(
        [
            *(sentence for part in parts for sentence in part.sentences),
            *(
                cell.text
                for part in parts
                for _, content in part.tables
                for line in content.lines
                for cell in line
            ),
        ]
    )
    assert "nan" not in words.lower() and "inf" not in words.split()
    json.dumps(document(board, parts), allow_nan=False)
    assert parts or not board.rows

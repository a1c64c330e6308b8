"""Robustness, security and the cards: scored tasks are told with their denominators, others are left out."""

from dataclasses import replace

from astraios_ray.records import Score, StudyRecord
from astraios_ray.report.analysis.card import cards
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.sections.card import card_section
from astraios_ray.report.sections.robustness import robustness_section
from astraios_ray.report.sections.section import Section
from astraios_ray.report.sections.security import security_section
from tests.fakes.study_records import quickstart, record, result, score
from tests.fakes.whole_studies import answered, robust, secure


def study(*scores: tuple[Score, ...]) -> StudyRecord:
    """One trial per tuple of scores, of the methods m0, m1 and so on."""
    return record(
        *(result(n, f"m{n}", losses={200: 1.0}, scores=trial_scores) for n, trial_scores in enumerate(scores))
    )


def cells(part: Section | None, title: str) -> list[list[str]]:
    assert part
    (content,) = [table for name, table in part.tables if name == title]
    return [[cell.text for cell in line] for line in content.lines]


def test_a_study_that_asked_neither_has_neither_part() -> None:
    board = leaderboard(quickstart())
    assert robustness_section(board) is security_section(board) is card_section(board) is None


def test_each_category_has_worst_case_and_change_with_their_problems() -> None:
    board = leaderboard(study((robust("format", 0.4, 0.5),), (robust("format", 0.3, 0.45),)))
    (first, second) = cells(robustness_section(board), "Changes of format")
    assert first == ["m0", "t0000", "40.0 % (33.0\u201347.0)", "50.0 %", "10.0 %", "164", "98.0 %"]
    assert second[0] == "m1"


def test_two_categories_are_two_tables_and_two_sentences() -> None:
    part = robustness_section(leaderboard(study((robust("format", 0.4, 0.5), robust("syntax", 0.2, 0.5)))))
    assert part and len(part.sentences) == 2
    assert [title for title, _ in part.tables[:2]] == ["Changes of format", "Changes of syntax"]
    assert "RP@1 40.0 % (33.0\u201347.0) over 164 problems" in part.sentences[0]


def test_worst_cases_are_not_compared_by_their_intervals() -> None:
    part = robustness_section(
        leaderboard(study((robust("format", 0.4, 0.5),), (robust("format", 0.38, 0.5),)))
    )
    assert part and "interval" not in part.sentences[0]
    assert any("no paired comparison of RP@1 is possible" in note for note in part.notes)


def test_the_least_changed_method_need_not_be_the_best_one() -> None:
    part = robustness_section(
        leaderboard(study((robust("format", 0.6, 0.9),), (robust("format", 0.1, 0.15),)))
    )
    assert (
        part and "m0 solves most" in part.sentences[0] and "m1 changes least, RC@1 5.0 %" in part.sentences[0]
    )


def test_weakness_is_told_with_what_was_judged() -> None:
    part = security_section(leaderboard(study((secure(0.75, 0.25, 0.45),))))
    ((_, _, valid, samples, weak, judged, clean, covered),) = cells(part, "Programs on aatk")
    assert (valid, samples) == ("75.0 % (69.0\u201381.0)", "800")
    assert (weak, judged) == ("25.0 % (19.0\u201331.0)", "480")
    assert (clean, covered) == ("45.0 % (39.0\u201351.0)", "32 of 40")
    assert part and any("bandit 20 of 40 and own 12 of 40" in note for note in part.notes)


def test_where_no_program_could_be_judged_nothing_is_said_of_weakness() -> None:
    part = security_section(leaderboard(study((secure(0.0, None, 0.0),))))
    assert part and "nothing known of weakness: m0" in " ".join(part.sentences)
    assert cells(part, "Programs on aatk")[0][4:6] == ["\u2013", "\u2013"]


def test_samples_without_a_verdict_are_counted() -> None:
    part = security_section(leaderboard(study((secure(0.5, 0.2, 0.3, unscored=7),))))
    assert part and any("7 samples without a verdict" in note for note in part.notes)


def test_a_card_has_means_of_each_kind_of_task() -> None:
    scores = (score(0.6), score(0.2, evaluator="other"), answered(0.7), robust("format", 0.4, 0.5))
    (card,) = cards(leaderboard(study((*scores, robust("syntax", 0.2, 0.5), secure(0.8, 0.1, 0.5)))))
    means = {axis.name: (round(axis.value or 0, 6), axis.tasks) for axis in card.axes}
    assert means == {
        "comprehension": (0.7, 1),
        "generation": (0.4, 2),
        "robustness": (0.3, 2),
        "security": (0.5, 1),
    }


def test_a_kind_that_was_not_asked_is_no_zero() -> None:
    (card,) = cards(leaderboard(study((score(0.6), answered(0.7)))))
    assert [axis.value for axis in card.axes] == [0.7, 0.6, None, None]


def test_one_kind_of_task_makes_no_card() -> None:
    assert cards(leaderboard(study((score(0.6), score(0.2, evaluator="other"))))) == ()


def test_a_method_without_a_score_is_named_under_the_cards() -> None:
    scored = study((score(0.6), answered(0.7)))
    part = card_section(
        leaderboard(replace(scored, config={**scored.config, "methods": {"m0": {}, "ia3": {}}}))
    )
    assert part and "No card, for want of a score: ia3." in part.notes

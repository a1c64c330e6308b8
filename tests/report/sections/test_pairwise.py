"""Every output calls one model better than another only where the paired test does."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.models.model_source import Source
from astraios_ray.records import Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.paired_comparison import PairVerdict, gains
from astraios_ray.report.render.markdown import markdown
from astraios_ray.report.render.note import note
from astraios_ray.report.render.page import page, pictures
from astraios_ray.report.render.text import text
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.sections.pairwise import against_base, against_others, gains_words
from astraios_ray.studies.model_card import Form, ModelCard
from tests.fakes.study_records import record, result

EASY = [1.0] * 20
BEFORE, AFTER = [*EASY, *[0.0] * 20], [*EASY, *[1.0] * 10, *[0.0] * 10]  # 10 of 40 problems more


def solving(shares: Sequence[float], first: int = 0) -> Score:
    """A score with these shares of problems solved, from problem ``first`` on."""
    mean = sum(shares) / len(shares)
    solved = {f"p{first + place}": share for place, share in enumerate(shares)}
    spans = {"pass_at_1": mean_interval(list(shares))}
    return Score("primer", {"pass_at_1": mean}, spans, len(shares), 1, solved=solved)


def trial(number: int, method: str, scored: Score) -> TrialResult:
    return result(number, method, losses={200: 1.0 + number / 100}, scores=(scored,))


def study(base: Score, *scores: Score, methods: Sequence[str] = ("lora", "ia3")) -> StudyRecord:
    trials = [
        trial(n, name, problem_score)
        for n, (name, problem_score) in enumerate(zip(methods, scores, strict=True))
    ]
    return record(*trials, base=(base,), methods=dict.fromkeys(methods))


OVERLAP = study(solving(BEFORE), solving(AFTER), solving(AFTER))
BETTER = study(solving([0.0] * 40), solving([1.0] * 36 + [0.0] * 4), solving([1.0] * 16 + [0.0] * 24))
# of 7 problems the least p-value is 1/64; lora's best is one of four, and four times that is above 5 %
FAILING = solving([0.0] * 7)
APART = study(FAILING, solving([1.0] * 7), *[FAILING] * 4, methods=("lora", "ia3", "lora", "lora", "lora"))


def explained(study: StudyRecord, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("astraios_ray.studies.run.read_record", lambda run: study)
    return CliRunner().invoke(cli, ["explain", "any"]).stdout


def paged(study: StudyRecord) -> str:
    board = leaderboard(study)
    return unescape(page(board, sections(board), pictures(board)))


FORMS: dict[str, Callable[[StudyRecord, pytest.MonkeyPatch], str]] = {
    "terminal": lambda study, _: text(study),
    "Markdown": lambda study, _: markdown(leaderboard(study), sections(leaderboard(study))),
    "page": lambda study, _: paged(study),
    "note": lambda study, _: note(study, sections(leaderboard(study))),
    "explain": explained,
}
WITH_SECTIONS = ("Markdown", "page", "explain")
TABLED = ("page",)


def test_the_planted_intervals_overlap_where_the_test_separates_and_the_reverse() -> None:
    for planted, verdict, overlaps in ((OVERLAP, PairVerdict.BETTER, True), (APART, PairVerdict.TIE, False)):
        board = leaderboard(planted)
        first, base = board.scored[0].interval, mean_interval(list(planted.base_scores[0].solved.values()))
        assert first and (first[0] <= base[1]) is overlaps
        assert gains(board)[0].verdict is verdict


@pytest.mark.parametrize("form", FORMS)
def test_overlapping_intervals_do_not_undo_a_difference_on_the_same_problems(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = " ".join(FORMS[form](OVERLAP, monkeypatch).replace("\u00a0", " ").split())
    assert "25.0 points less." in words
    assert "apart from it" not in words and "overlap" not in words
    assert ("The models of 2 of 2 methods are better than the base." in words) is (form in WITH_SECTIONS)


@pytest.mark.parametrize("form", FORMS)
def test_intervals_that_lie_apart_do_not_make_a_difference_that_the_test_does_not_see(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = " ".join(FORMS[form](APART, monkeypatch).replace("\u00a0", " ").split())
    assert "100.0 points less; on the same problems the best cannot be told apart from it." in words
    assert "cannot be told apart from the model of ia3." in words
    assert ("The models of 0 of 2 methods are better than the base; not shown for" in words) is (
        form in WITH_SECTIONS
    )


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (
            OVERLAP,
            "primer: on the same problems t0000 is better than the untuned base, +25.0 (+9.7 to +40.3)",
        ),
        (APART, "primer: on the same problems t0000 is not told apart from the untuned base, +100.0 points"),
    ],
)
def test_the_card_of_an_exported_trial_says_the_same(planted: StudyRecord, words: str) -> None:
    source = Source("model", None, Path("model"))
    card = ModelCard(planted, planted.results[0], 200, Form.OURS, source, Path("out"))
    assert words in "\n".join(card._quality())


def test_a_base_that_is_better_on_the_same_problems_is_called_better() -> None:
    board = leaderboard(study(solving(AFTER), solving(BEFORE), solving(BEFORE)))
    assert against_base(board).endswith("25.0 points more; on the same problems it is better than the best.")
    assert gains_words(board) == [
        "The models of 0 of 2 methods are better than the base; worse than it: lora and ia3."
    ]


def test_a_base_that_solves_as_much_is_not_told_apart() -> None:
    sentence = against_base(leaderboard(study(solving(AFTER), solving(AFTER), solving(BEFORE))))
    assert sentence.endswith(
        "as much as the best; on the same problems the best cannot be told apart from it."
    )


def test_a_base_that_was_asked_other_problems_cannot_be_compared() -> None:
    board = leaderboard(study(solving(BEFORE, first=100), solving(AFTER), solving(AFTER)))
    assert "25.0 points less; they share no problems, so no paired comparison" in against_base(board)
    assert gains_words(board) == [
        "No method shares recorded problems with the base, so none can be compared with it."
    ]


def test_a_base_whose_problems_are_not_recorded_cannot_be_compared() -> None:
    board = leaderboard(study(replace(solving(BEFORE), solved={}), solving(AFTER), solving(AFTER)))
    assert "which problems each solved was not recorded, so no paired" in against_base(board)


def test_a_base_that_was_asked_a_part_of_the_problems_is_compared_on_that_part() -> None:
    board = leaderboard(study(solving([1.0, *[0.0] * 9], first=20), solving(AFTER), solving(AFTER)))
    assert against_base(board).endswith("on the 10 problems that both were asked the best is better than it.")


def test_methods_without_common_problems_are_named() -> None:
    scores = (solving(AFTER), solving(AFTER), solving(BEFORE, first=100))
    board = leaderboard(study(solving(BEFORE), *scores, methods=("lora", "ia3", "full")))
    assert against_others(board) == (
        "On the same problems this model of lora (t0000) cannot be told apart from the model of ia3; "
        "it shares no recorded problems with full."
    )
    assert gains_words(board) == [
        "The models of 2 of 2 methods are better than the base; "
        "not compared, for want of common problems: full."
    ]


def test_methods_that_were_all_asked_other_problems_cannot_be_compared() -> None:
    board = leaderboard(study(solving(BEFORE), solving(AFTER), solving(BEFORE, first=100)))
    assert against_others(board).startswith(
        "The best is not compared with the others: they share no problems"
    )


def test_of_one_method_the_best_trial_is_tested_beside_its_other_trials() -> None:
    scores = (solving(AFTER), solving(AFTER), solving([1.0] * 5 + [0.0] * 35))
    board = leaderboard(study(solving(BEFORE), *scores, methods=("lora", "lora", "lora")))
    assert against_others(board) == (
        "On the same problems lora (t0000) is better than 1 other trial of lora; "
        "it cannot be told apart from 1 other trial of lora."
    )


def test_one_method_is_held_against_the_base_in_its_part_too() -> None:
    board = leaderboard(study(solving(BEFORE), solving(AFTER), methods=("lora",)))
    (part,) = [section for section in sections(board) if section.key == "methods"]
    assert part.sentences == (
        "Unknown: of 1 method only lora was scored.",
        "The model of 1 of 1 method is better than the base.",
    )
    assert [pair["verdict"] for pair in part.values["base"]] == ["better"]


def with_seeds(study: StudyRecord, *methods: str) -> StudyRecord:
    """The study, with two repeats of each trial of these methods, which score as it does."""
    repeats = [
        replace(
            trial, spec=replace(trial.spec, number=trial.spec.number + 10_000 * turn, repeat_of=trial.spec.id)
        )
        for trial in study.results
        for turn in (1, 2)
        if trial.spec.method in methods
    ]
    return replace(study, results=(*study.results, *repeats))


def in_words(text: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", text).replace("\u00a0", " ").split())


@pytest.mark.parametrize("form", FORMS)
def test_without_seeds_the_sentence_is_about_models(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = in_words(FORMS[form](BETTER, monkeypatch))
    assert "On the same problems this model of lora (t0000) is better than the model of ia3." in words
    assert "lora is better" not in words and ("Verdicts on these models" in words) is (form in TABLED)


@pytest.mark.parametrize("form", FORMS)
def test_with_seeds_it_is_about_methods(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = with_seeds(BETTER, "lora", "ia3")
    words = in_words(FORMS[form](repeated, monkeypatch))
    assert "On the same problems lora (t0000, 2 seeds) is better than ia3." in words
    assert ("Verdicts on methods" in words) is (form in TABLED)
    assert ("2 of 2 methods are better than the base." in words) is (form in WITH_SECTIONS)


def test_a_method_with_seeds_beside_a_model_without_says_which_is_which() -> None:
    board = leaderboard(with_seeds(BETTER, "lora"))
    assert against_others(board) == (
        "On the same problems lora (t0000, 2 seeds) is better than the model of ia3."
    )
    (part,) = [section for section in sections(board) if section.key == "methods"]
    assert part.values["about"] == "these models" == part.values["pairs"][0]["about"]

"""The verdict's correction for having chosen the best."""

from dataclasses import replace

from astraios_ray.records import Score, StudyRecord, TrialResult
from astraios_ray.report.analysis.chosen_winner import chosen_winner
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.sections.conclusion import verdict
from tests.fakes.study_records import record, result

GROUPS = {f"p{number}": f"family {number // 2}" for number in range(40)}


def score(solved: int, first: int = 0, **fields: object) -> Score:
    """pass@1 of 40 problems in 20 groups, of which ``solved`` from ``first`` on are solved."""
    shares = {f"p{n}": float(first <= n < first + solved) for n in range(40)}
    made = Score("primer", {"pass_at_1": solved / 40}, {"pass_at_1": (0.1, 0.9)}, 40, 1, solved=shares)
    return replace(made, groups=GROUPS, **fields)  # type: ignore[arg-type]  # fields of Score


def trial(number: int, scored: Score) -> TrialResult:
    return result(number, "lora", losses={200: 1.0 + number / 100}, scores=(scored,))


def study(*scores: Score) -> StudyRecord:
    return record(*(trial(number, one) for number, one in enumerate(scores)))


EVEN = study(score(20), score(20, 10), score(20, 20), score(16))


def test_the_verdict_gives_the_score_without_the_luck_of_the_choice() -> None:
    chosen = chosen_winner(leaderboard(EVEN))
    assert chosen is not None and chosen.models == 4
    assert 0.3 < chosen.value < 0.48
    words = f"Corrected for being the best of 4 scored trials: {100 * chosen.value:.1f} %"
    assert words in verdict(leaderboard(EVEN))


def test_over_seeds_its_interval_holds_their_luck_too() -> None:
    repeats = [
        replace(first, spec=replace(first.spec, number=turn * 10_000 + n, repeat_of=first.spec.id))
        for n, first in enumerate(EVEN.results)
        for turn in (1, 2)
    ]
    better = [replace(one, scores=(score(28),)) if one.spec.number == 10_000 else one for one in repeats]
    board = leaderboard(replace(EVEN, results=(*EVEN.results, *better)))
    chosen, interval = chosen_winner(board), board.scored[0].interval
    assert chosen and interval and board.scored[0].trial == "t0000"
    assert chosen.interval == (
        max(0.0, interval[0] - chosen.optimism),
        max(0.0, interval[1] - chosen.optimism),
    )


def test_programs_read_it_too() -> None:
    winner = document(leaderboard(EVEN))["winner"]
    assert winner["trial"] == "t0000" and winner["chosen_from"] == 4
    assert winner["score_corrected"] + winner["optimism"] == 0.5
    low, high = winner["score_corrected_interval"]
    assert low < winner["score_corrected"] < high


def test_the_order_in_which_a_record_names_its_problems_changes_nothing() -> None:
    scores = [score(20), score(20, 10), score(20, 20), score(16)]
    other = [*range(14, 40), *range(14)]
    turned = [replace(one, solved={f"p{n}": one.solved[f"p{n}"] for n in other}) for one in scores]
    assert chosen_winner(leaderboard(study(*turned))) == chosen_winner(leaderboard(study(*scores)))


def test_trials_that_were_asked_other_problems_did_not_compete() -> None:
    elsewhere = replace(score(18), solved={f"q{n}": float(n < 18) for n in range(40)}, groups={})
    assert chosen_winner(leaderboard(study(score(20), elsewhere))) is None


def test_a_metric_that_is_no_mean_over_problems_is_not_corrected() -> None:
    f1 = [score(n, ranking="f1_macro", metrics={"f1_macro": n / 50}) for n in (20, 18)]
    board = leaderboard(study(*f1))
    assert chosen_winner(board) is None
    assert "Corrected" not in verdict(board)
    assert document(board)["winner"] is None


def test_the_denominator_names_the_groups() -> None:
    assert "over 40 problems (20 groups) \u00d7 1 sample" in verdict(leaderboard(EVEN))

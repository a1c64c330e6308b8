"""The answer on the terminal."""

from dataclasses import replace

from astraios_ray.records import TrialState
from astraios_ray.report.render.text import MOST, text
from tests.fakes.study_records import quickstart, record, result


def test_the_answer_has_verdict_table_and_the_way_on() -> None:
    lines = text(quickstart()).splitlines()
    assert lines[0].startswith("Best by pass@1 on primer: ")
    (titles,) = [line.split() for line in lines if line.startswith("rank")]
    assert titles[:5] == ["rank", "method", "size", "lr", "val"]
    assert lines[-1].startswith("  astraios-ray export runs/quickstart t00")
    assert "  runs/quickstart/report/index.html" in lines


def test_the_table_has_every_method_and_stays_readable() -> None:
    lines = text(quickstart()).splitlines()
    for method in ("full", "lora", "ia3", "p_tuning", "adapter_h", "adapter_p", "parallel", "untuned base"):
        assert any(f" {method} " in line for line in lines)
    assert max(map(len, lines)) <= 120


def test_a_large_study_shows_its_top_and_says_where_the_rest_is() -> None:
    study = record(*(result(n, f"m{n}", losses={200: 1.0 + n}) for n in range(50)))
    assert f"{50 - MOST} more trials in runs/quickstart/leaderboard.md." in text(study)


def test_nothing_steers_the_terminal() -> None:
    study = replace(record(result(0, "\x1b[31mred", state=TrialState.FAILED)), links={"x\x07": "y\x9b"})
    assert not {"\x1b", "\x07", "\x9b"} & set(text(study))


def test_a_study_without_a_trial_has_an_answer_too() -> None:
    assert text(record(methods={})).startswith("Nothing can be ranked: no trial has started.")


def test_a_mark_is_explained_only_where_it_stands() -> None:
    assert "\u2020" not in text(quickstart())
    early = record(result(0, losses={20: 1.0}, state=TrialState.STOPPED))
    assert "1.0000 \u2020" in text(early) and "\u2020 1 loss measured before the last step" in text(early)

"""The note on the parent run."""

from astraios_ray.report.render.note import LONGEST, note
from tests.fakes.study_records import quickstart, record, result


def test_the_note_has_the_verdict_the_methods_and_the_denominators() -> None:
    text = note(quickstart())
    assert text.startswith("**Best by pass@1 on primer:")
    assert all(f"| {method} |" in text for method in ("full", "lora", "ia3", "p_tuning", "parallel"))
    assert "| untuned base |" in text and "60 problems \u00d7 20 samples" in text


def test_a_note_on_very_many_methods_still_fits_one_tag() -> None:
    names = [f"peft:METHOD_{number}" for number in range(200)]
    study = record(
        *(result(n, name, losses={200: 1.0}) for n, name in enumerate(names)), methods=dict.fromkeys(names)
    )
    text = note(study)
    assert len(text) <= LONGEST and "more methods in leaderboard.md" in text


def test_a_note_on_nothing_says_so() -> None:
    assert note(record()).startswith("**Nothing can be ranked: no trial has started.**")

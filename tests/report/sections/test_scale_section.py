"""What is said of methods as the base model grows."""

from dataclasses import replace

from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.scale import scale
from astraios_ray.report.sections.scale import parameters, scale_section
from astraios_ray.report.sections.section import Section
from tests.fakes.sized_studies import SIZES, lawful, sized
from tests.fakes.study_records import record, result

PLANTED = {"lora": 0.1, "ia3": 0.06, "full": 0.12, "parallel": 0.09, "adapter_h": 0.08}


def words(part: Section) -> str:
    return " ".join(part.sentences)


def test_laws_that_hold_are_followed_to_the_next_size() -> None:
    part = scale_section(scale(lawful(0, PLANTED, noise=0.001), at=1e7))
    assert "4 sizes of base model: 100k, 400k, 900k and 3.2M parameters." in part.sentences
    assert "The loss of full falls fastest: ten times the parameters leave 76 %" in words(part)
    assert "At 10M parameters full is foretold the lowest loss" in words(part)
    assert "do not follow" not in words(part)
    assert [title for title, _ in part.tables] == ["Laws of the loss", "The methods' order from size to size"]


def test_foretold_losses_are_not_told_apart_by_their_intervals() -> None:
    text = words(scale_section(scale(lawful(0, PLANTED, noise=0.1), at=1e7)))
    assert "); the foretold intervals of lora and parallel reach into this one." in text
    assert "Foretold losses have no problems to pair, so no test compares them." in text
    assert "told apart" not in text


def test_laws_that_miss_the_largest_size_are_not_to_be_followed() -> None:
    bent = dict.fromkeys(PLANTED, (2.0, 1.4, 1.2, 1.19))
    assert "So do not follow them to a larger size." in scale_section(scale(sized(bent))).sentences


def test_losses_that_are_not_shown_to_fall_are_not_said_to() -> None:
    text = words(scale_section(scale(sized({"lora": (1.0, 1.2, 0.9, 1.1)}))))
    assert "That losses fall with size is shown for no method" in text and "falls fastest" not in text


def test_two_sizes_say_that_they_are_no_check() -> None:
    text = words(scale_section(scale(lawful(0, PLANTED, sizes=SIZES[:2]))))
    assert "Two sizes are no check of a law: run a third." in text
    assert "so nothing says how surely" in text


def test_studies_that_differ_by_more_than_size_have_no_law_and_are_told_why() -> None:
    boards = lawful(0, PLANTED)
    original = boards["at900000"].record
    boards["at900000"] = leaderboard(replace(original, config={**original.config, "data": {}}))
    part = scale_section(scale(boards))
    assert "No law: losses differ by more than size, by data." in part.sentences
    assert [title for title, _ in part.tables] == ["The methods' order from size to size"]


def test_one_size_or_none_is_said() -> None:
    single = scale_section(scale(lawful(0, PLANTED, sizes=SIZES[:1])))
    assert words(single) == "Unknown: all studies are of one size, 100k parameters."
    none = scale_section(scale({"old": leaderboard(record(result(0, "lora", losses={200: 1.0})))}))
    assert words(none) == "Unknown: how large the base is was not recorded in old."


def test_numbers_of_parameters_are_short() -> None:
    assert [parameters(n) for n in (12, 144_960, 1_137_207_296, 2.5e6)] == ["12", "145k", "1.14B", "2.5M"]

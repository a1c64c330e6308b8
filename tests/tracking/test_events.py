"""Events as lines, and which of them are new."""

import math

import pytest

from astraios_ray.tracking.events import Event, Novelty


def point(step: int, at: int = 0) -> Event:
    return Event("point", "t0000", at, {"point": {"step": step, "loss": 1.0}})


def test_a_line_holds_one_event_and_keeps_numbers_that_are_none() -> None:
    event = Event("point", "t0000", 7, {"loss": math.nan, "text": "a\nb"})
    assert event.line().count(b"\n") == 1
    assert math.isnan(Event.parse(event.line()).body["loss"])


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"kind": "point"}', b"\xff"])
def test_a_damaged_line_is_no_event(line: bytes) -> None:
    with pytest.raises(ValueError):
        Event.parse(line)


def test_a_point_is_news_once_whenever_it_is_measured() -> None:
    novelty = Novelty()
    assert [novelty.notice(event) for event in (point(1, at=1), point(1, at=2), point(2, at=3))] == [
        True,
        False,
        True,
    ]


def test_an_ending_is_news_again_after_the_trial_went_on() -> None:
    novelty = Novelty()
    ended, resumed = (
        Event("trial_ended", "t0000", 0, {"state": "stopped"}),
        Event("trial_resumed", "t0000", 0, {}),
    )
    assert [novelty.notice(event) for event in (ended, ended, resumed, ended)] == [True, False, True, True]

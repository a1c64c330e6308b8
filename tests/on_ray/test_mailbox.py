"""A lane whose dispatcher's answers get lost: the lane asks again, and nothing waits for ever."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
import ray
from ray.exceptions import ActorUnavailableError

from astraios_ray.on_ray import answer
from astraios_ray.on_ray.lane_plan import LaneSettings
from astraios_ray.on_ray.lane_worker import _Mailbox
from astraios_ray.training.runtime import SingleProcess

SETTINGS = LaneSettings(
    "the dispatcher", "ours", "lane-0", slots=4, pack_tokens=1, trials="", threads=1, shares_base=False
)


class Promise:
    """The outcome of a call of an actor: its answer or Ray's error."""

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome


class FakeDispatcher:
    """Records its calls. The first call of the method ``lost`` has no answer."""

    def __init__(self, lost: str) -> None:
        self.calls: list[tuple[object, ...]] = []
        self._lost = lost

    def __getattr__(self, name: str) -> Any:
        def remote(*values: object) -> Promise:
            self.calls.append((name, *values))
            if name == self._lost:
                self._lost = ""
                return Promise(ActorUnavailableError("its connection broke", None))
            return Promise([])

        return type("Method", (), {"remote": staticmethod(remote)})


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[_Mailbox, FakeDispatcher]]:
    """Makes a lane's mailbox and its dispatcher, given the method whose first answer gets lost."""

    def get(promise: Promise) -> object:
        if isinstance(promise.outcome, Exception):
            raise promise.outcome
        return promise.outcome

    def make(lost: str) -> tuple[_Mailbox, FakeDispatcher]:
        dispatcher = FakeDispatcher(lost)
        monkeypatch.setattr(ray, "get_actor", lambda name, namespace: dispatcher)
        return _Mailbox(SETTINGS, SingleProcess()), dispatcher

    monkeypatch.setattr(ray, "get", get)
    monkeypatch.setattr(ray, "wait", lambda promises, **how: (promises, []))
    monkeypatch.setattr(answer, "PAUSE", 0.0)
    return make


def test_a_lane_whose_new_work_got_lost_says_what_it_holds_and_asks_again(
    begin: Callable[[str], tuple[_Mailbox, FakeDispatcher]],
) -> None:
    mailbox, dispatcher = begin("take")
    assert mailbox.take([3, 5]) == []
    mailbox.take([3, 5])
    assert dispatcher.calls == [
        ("lane_up", "lane-0"),
        ("take", "lane-0", 2, 4, 0.0),
        ("lane_holds", "lane-0", [3, 5]),
        ("take", "lane-0", 2, 4, 0.0),
    ]


@pytest.mark.parametrize("lost", ["lane_up", "deliver", "lane_fails"])
def test_what_a_lane_says_is_said_again_until_it_is_heard(
    lost: str, begin: Callable[[str], tuple[_Mailbox, FakeDispatcher]]
) -> None:
    mailbox, dispatcher = begin(lost)
    mailbox.deliver(7, [])
    mailbox.flush()
    mailbox.give_back("with words")
    once: list[tuple[object, ...]] = [
        ("lane_up", "lane-0"),
        ("deliver", 7, []),
        ("lane_fails", "lane-0", "with words"),
    ]
    assert dispatcher.calls == [call for call in once for _ in range(1 + (call[0] == lost))]


def test_a_lane_says_now_and_then_that_it_makes_steps(
    begin: Callable[[str], tuple[_Mailbox, FakeDispatcher]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox, dispatcher = begin("")
    now = monotonic()
    for seconds in (1, 6, 7, 12):
        monkeypatch.setattr(f"{_Mailbox.__module__}.monotonic", lambda seconds=seconds: now + seconds)
        mailbox.note_step()
    assert dispatcher.calls.count(("lane_steps", "lane-0")) == 2

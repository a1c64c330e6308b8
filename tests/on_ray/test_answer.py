"""Which actors are called again, and how often."""

from typing import Any

import pytest
import ray
from ray.exceptions import ActorDiedError, ActorUnavailableError

from astraios_ray.on_ray import answer
from astraios_ray.on_ray.answer import answer_of


class Actor:
    """An actor whose promises are their outcomes: answers or Ray's errors."""

    def __init__(self, *outcomes: object) -> None:
        self._outcomes = iter(outcomes)
        self.calls = 0

    def ask(self) -> object:
        self.calls += 1
        return next(self._outcomes)


def unavailable() -> ActorUnavailableError:
    return ActorUnavailableError("its connection broke", None)


@pytest.fixture(autouse=True)
def fake_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(promise: Any) -> Any:
        if isinstance(promise, Exception):
            raise promise
        return promise

    monkeypatch.setattr(ray, "get", get)
    monkeypatch.setattr(answer, "PAUSE", 0.001)


def test_an_actor_out_of_reach_for_a_moment_is_asked_again() -> None:
    actor = Actor(unavailable(), unavailable(), "here")
    assert answer_of(actor.ask) == "here"
    assert actor.calls == 3


def test_a_promise_that_was_lost_is_made_again() -> None:
    actor = Actor("here")
    assert answer_of(actor.ask, unavailable()) == "here"
    assert actor.calls == 1


def test_a_promise_that_is_kept_asks_nobody() -> None:
    actor = Actor()
    assert answer_of(actor.ask, "here") == "here"
    assert actor.calls == 0


def test_a_dead_actor_is_not_asked_again() -> None:
    actor = Actor(ActorDiedError())
    with pytest.raises(ActorDiedError):
        answer_of(actor.ask)
    assert actor.calls == 1


def test_an_actor_that_stays_out_of_reach_is_given_up() -> None:
    actor = Actor(*(unavailable() for _ in range(1000)))
    with pytest.raises(ActorUnavailableError):
        answer_of(actor.ask, patience=0.05)
    assert 1 < actor.calls < 1000

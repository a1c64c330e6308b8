"""Waits for the answer of an actor, and calls it again while the actor is unavailable for a short time."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import ray
from ray.exceptions import ActorUnavailableError

PATIENCE = 60.0  # seconds for which an actor that lives may be unavailable
PAUSE = 0.5  # seconds between two calls of an unavailable actor
MOMENT = 0.5  # seconds within one call of Ray, for threads that may have to leave it


def answer_of(ask: Callable[[], Any], promise: Any = None, *, patience: float = PATIENCE) -> Any:
    """The answer to ``ask``, which calls an actor, or to the ``promise`` of an earlier call.

    An actor that Ray cannot reach may have done the work or not, so the call must allow a repetition. Raises
    any other error of Ray at once, such as the actor's death.
    """
    until = monotonic() + patience
    while True:
        try:
            return ray.get(ask() if promise is None else promise)
        except ActorUnavailableError:
            if monotonic() >= until:
                raise
        promise = None
        sleep(PAUSE)

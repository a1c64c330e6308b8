"""The answer of an actor: asked again while the actor is out of reach for a moment, and no longer."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import ray
from ray.exceptions import ActorUnavailableError

PATIENCE = 60.0  # seconds for which an actor that lives may be out of reach
PAUSE = 0.5


def answer_of(ask: Callable[[], Any], promise: Any = None, *, patience: float = PATIENCE) -> Any:
    """What comes of ``ask``, which calls an actor, or of the ``promise`` that it has returned already.

    An actor that Ray cannot reach for a moment may have done what it was asked or not, so the call has to
    allow a repetition. Raises whatever else Ray raises at once, the actor's death among it.
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

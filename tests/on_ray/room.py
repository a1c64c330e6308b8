"""A dispatcher with those who wait for it, for tests of one without Ray."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from astraios_ray.on_ray.dispatcher import Dispatcher, Piece, Work
from astraios_ray.records import (
    Cost,
    DataRef,
    Exam,
    Lease,
    ModelRef,
    Recipe,
    Sampling,
    Stretch,
    TrialSpec,
    TrialState,
)

LONG = 30.0
MOMENT = 0.01  # seconds in which asyncio gets everything done that can be done


def lease(number: int, method: str = "lora") -> Lease:
    spec = TrialSpec("study", number, method, {}, Recipe(), ModelRef("model"), DataRef("data"))
    return Lease(spec, 10)


def piece(*problems: str) -> Piece:
    return Piece((Exam(lease(0).spec, None, "primer", Sampling()),), problems)


def stretch(lease: Lease, state: TrialState = TrialState.PARKED) -> Stretch:
    return Stretch(lease.spec.id, state, (), None, Cost())


class Room:
    """A dispatcher with those who wait for it."""

    def __init__(self, **options: Any) -> None:
        self.dispatcher = Dispatcher(**options)

    async def order(self, *works: Work) -> list[asyncio.Task[Any]]:
        """Ask for work in this order; what was promised."""
        tasks = []
        for work in works:
            done = self.dispatcher.train(work) if isinstance(work, Lease) else self.dispatcher.write(work)
            tasks.append(asyncio.ensure_future(done))
            await asyncio.sleep(0)
        await asyncio.sleep(MOMENT)
        return tasks

    async def take(self, lane: str = "lane-0", working: int = 0, slots: int = 8) -> dict[int, str]:
        """What a lane is given at once: trial ids by ticket, ``exam`` for a piece."""
        given = await self.dispatcher.take(lane, working, slots, 0.0)
        assert given is not None, "the lane was sent home"
        return {n: work.spec.id if isinstance(work, Lease) else "exam" for n, work in given}

    async def train(self, lane: str, work: Lease) -> None:
        """Have one trial trained and parked on a lane."""
        (promise,) = await self.order(work)
        ((ticket, _),) = (await self.take(lane)).items()
        await self.dispatcher.deliver(ticket, stretch(work))
        await promise


def play(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 10))

"""A dispatcher with its callers and lanes, for tests without Ray."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from astraios_ray.methods.method import traits_of
from astraios_ray.on_ray.dispatcher import Dispatcher, EvalShard, Work
from astraios_ray.records import (
    Cost,
    DataRef,
    EvalTask,
    ModelRef,
    Recipe,
    Sampling,
    TrainReport,
    TrainTask,
    TrialSpec,
    TrialState,
    Value,
)

LONG = 30.0
MOMENT = 0.01  # seconds in which asyncio runs everything that can run


def train_task(number: int, method: str = "lora", until: int = 10, **hyperparameters: Value) -> TrainTask:
    traits = traits_of(method, hyperparameters)
    model, data = ModelRef("model"), DataRef("data")
    spec = TrialSpec("study", number, method, hyperparameters, Recipe(), model, data, traits=traits)
    return TrainTask(spec, until)


def eval_shard(*problems: str) -> EvalShard:
    return EvalShard((EvalTask(train_task(0).spec, None, "primer", Sampling()),), problems)


def train_report(train_task: TrainTask, state: TrialState = TrialState.PAUSED) -> TrainReport:
    return TrainReport(train_task.spec.id, state, (), None, Cost())


class Room:
    """A dispatcher with its callers and lanes."""

    def __init__(self, **options: Any) -> None:
        self.dispatcher = Dispatcher(**options)

    async def order(self, *works: Work) -> list[asyncio.Task[Any]]:
        """Ask for work in this order; returns the promises."""
        tasks = []
        for work in works:
            tasks.append(asyncio.ensure_future(self._answer(work)))
            await asyncio.sleep(0)
        await asyncio.sleep(MOMENT)
        return tasks

    async def _answer(self, work: Work) -> Any:
        if not isinstance(work, TrainTask):
            return await self.dispatcher.write(work)
        await self.dispatcher.submit(work)
        return await self.dispatcher.report_of(work.spec.id)

    async def take(self, lane: str = "lane-0", working: int = 0, slots: int = 8) -> dict[int, str]:
        """The work that a lane gets at once: trial ids by ticket, ``eval_task`` for an eval shard."""
        assignments = await self.dispatcher.take(lane, working, slots, 0.0)
        assert assignments is not None, "the lane was sent home"
        return {n: work.spec.id if isinstance(work, TrainTask) else "eval_task" for n, work in assignments}

    async def train(self, lane: str, work: TrainTask) -> None:
        """Have one trial trained and paused on a lane."""
        (promise,) = await self.order(work)
        ((ticket, _),) = (await self.take(lane)).items()
        await self.dispatcher.deliver(ticket, train_report(work))
        await promise


def play(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scene, 10))

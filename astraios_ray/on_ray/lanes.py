"""Lanes: long-lived Ray Train runs that keep base models loaded, and the actor that gives them work.

Each lane is a run of its own, so that lanes start and end one by one. Ray Train restarts a lane whose worker
died; the dispatcher is told of a lane that Ray Train gives up.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import ray
from ray.exceptions import RayError
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from astraios_ray.errors import AstraiosError
from astraios_ray.importing import swift_imports
from astraios_ray.on_ray.answer import answer_of
from astraios_ray.on_ray.cluster import LANE_ENVIRONMENT
from astraios_ray.on_ray.dispatcher import Dispatcher
from astraios_ray.on_ray.lane_plan import LanePlan, LaneSettings
from astraios_ray.on_ray.lane_trainer import LaneLeft, LaneTrainer, process_group
from astraios_ray.on_ray.lane_watch import LaneWatch
from astraios_ray.on_ray.ray_private import cause_of
from astraios_ray.records import TrainTask

RESTARTS = 3  # of one lane, before it is given up
NAMESPACE = "astraios-ray"
STOPPED_SECONDS = 60.0  # without a step, after which a lane that has work is shown as stopped


def serve(settings: LaneSettings) -> None:
    """What Ray Train calls in each worker of a lane. Other processes unpickle it without torch."""
    with swift_imports():  # torch, transformers and peft
        from astraios_ray.on_ray.lane_worker import run_lane_worker
    run_lane_worker(settings)


class Lanes:
    """All lanes of one study, each in a Train run driven by a thread of this process."""

    def __init__(self, plan: LanePlan, *, name: str, trials: Path, storage: Path) -> None:
        self.plan, self._name, self._trials, self._storage = plan, name, trials, storage
        # on the machine of the search: elsewhere an actor could be lost with its machine
        driver_node = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        actor: Any = ray.remote(num_cpus=0, max_concurrency=1000, scheduling_strategy=driver_node)(Dispatcher)
        self.dispatcher = actor.options(name=name, namespace=NAMESPACE, get_if_exists=False).remote(
            expected=plan.count
        )
        self._threads = {
            lane: threading.Thread(target=self._drive, args=(lane,), daemon=True)
            for lane in (f"lane-{number}" for number in range(plan.count))
        }
        self._endings: list[str] = []
        self._silent: str | None = None  # why the dispatcher no longer answers
        self._leaving = threading.Event()
        for thread in self._threads.values():
            thread.start()

    @property
    def lost(self) -> str | None:
        """Why the last lane ended, once no lane is left or none can be reached."""
        reason = self._endings[-1] if len(self._endings) == len(self._threads) else None
        return self._silent or reason

    @property
    def alive(self) -> int:
        """How many lanes are up."""
        return len(self._answering())

    @property
    def stopped(self) -> Mapping[str, float]:
        """The lanes that have work and have made no step for a minute, and for how many seconds."""
        return self._ask(partial(self.dispatcher.stopped_lanes.remote, STOPPED_SECONDS))

    def answer(self) -> bool:
        """Whether the dispatcher lives. Without it no lane can be reached and all count as lost."""
        self._answering()
        return self._silent is None

    def submit(self, train_task: TrainTask) -> bool:
        """Queue a train task. False when the dispatcher cannot be reached: all lanes count as lost then."""
        try:
            answer_of(partial(self.dispatcher.submit.remote, train_task))
        except RayError as error:
            self._note_silence(error)
        return self._silent is None

    def dismiss(self) -> None:
        """Tell the lanes to end. Does not wait for them."""
        self.dispatcher.close.remote()

    def close(self, seconds: float = 10.0) -> None:
        """Tell the lanes to end and wait for those that receive it, at most ``seconds``.

        Afterwards no thread of a lane calls Ray: a call while the process leaves Ray would end the process.
        """
        until = monotonic() + seconds
        for lane in self._closed(seconds):
            self._threads[lane].join(max(0.0, until - monotonic()))
        self._leaving.set()
        for thread in self._threads.values():
            thread.join(seconds)

    def _closed(self, seconds: float) -> Sequence[str]:
        """Close the dispatcher; the lanes that are up and will receive that."""
        calls = [self.dispatcher.close.remote(), self.dispatcher.lanes.remote()]
        try:
            _, lanes = ray.get(calls, timeout=seconds)
        except RayError:  # the dispatcher is gone or too busy: no lane will receive it
            return ()
        return list(lanes)

    def _answering(self) -> Mapping[str, int]:
        """The lanes that are up, as the dispatcher reports them."""
        return self._ask(self.dispatcher.lanes.remote)

    def _ask(self, question: Callable[[], Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = answer_of(question)
        except RayError as error:
            self._note_silence(error)
            return {}
        return answer

    def _note_silence(self, error: RayError) -> None:
        self._silent = f"the dispatcher, with which all are out of reach: {_words_of(error)}"

    def _drive(self, lane: str) -> None:
        reason = "its work was done"
        try:
            self._trainer(lane).fit()
        except LaneLeft:
            return
        except Exception as error:  # of any kind: the lane has ended, and the dispatcher must know
            reason = _words_of(error)
        self._endings.append(f"{lane}: {reason}")
        if not self._leaving.is_set():
            with suppress(RayError):  # without a dispatcher nobody waits for it
                answer_of(partial(self.dispatcher.lane_down.remote, lane, reason))

    def _settings(self, lane: str) -> LaneSettings:
        return LaneSettings(
            dispatcher=self._name,
            namespace=NAMESPACE,
            lane=lane,
            slots=self.plan.slots,
            pack_tokens=self.plan.pack_tokens,
            trials=str(self._trials),
            threads=max(1, int(self.plan.cpus)),
            shares_base=self.plan.shares_base,
        )

    def _trainer(self, lane: str) -> LaneTrainer:
        plan = self.plan
        resources = {"CPU": plan.cpus} | ({"GPU": plan.gpus} if plan.gpus else {})
        return LaneTrainer(
            partial(serve, self._settings(lane)),
            leaving=self._leaving,
            backend_config=process_group(plan.workers, gpu=plan.gpus > 0),
            scaling_config=ScalingConfig(
                num_workers=plan.workers, use_gpu=plan.gpus > 0, resources_per_worker=resources
            ),
            run_config=RunConfig(
                name=f"{self._name}-{lane}",
                storage_path=str(self._storage),
                worker_runtime_env={"env_vars": LANE_ENVIRONMENT},
                failure_config=FailureConfig(max_failures=RESTARTS),
                callbacks=[LaneWatch(self.dispatcher, lane)],
            ),
        )


def _words_of(error: Exception) -> str:
    """The error of one of the lane's workers in one line, without Ray Train's tracebacks."""
    failures = list(getattr(error, "worker_failures", {}).values()) or [error]
    cause = cause_of(failures[0])
    words = " ".join(str(cause).split())
    return words if isinstance(cause, AstraiosError) else f"{type(cause).__name__}: {words}"

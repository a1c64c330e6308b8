"""Runs a study on Ray: Tune schedules the trials, lanes train and write, remote tasks judge."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import ray
from ray import tune
from ray.exceptions import RayError

from astraios_ray.errors import LaneLost, RayLost
from astraios_ray.evaluation.judging import judge_eval_task
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.answer import answer_of
from astraios_ray.on_ray.dispatcher import EvalShard
from astraios_ray.on_ray.judges import Judges
from astraios_ray.on_ray.lane_plan import LanePlan
from astraios_ray.on_ray.lanes import NAMESPACE, Lanes
from astraios_ray.on_ray.ray_judge import RayJudge
from astraios_ray.on_ray.trainable import TrialTrainable
from astraios_ray.on_ray.tune_scheduler import BoardScheduler, BoardSearcher, TuneTrials
from astraios_ray.records import Completion, EvalTask, Score
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.trial.worker import eval_batches, eval_task_problems

TRAINABLE_CPUS = 0.01  # Ray refuses 0
SHARDS_PER_LANE = (
    2  # of one eval batch: small enough that lanes end together, large enough to fill a generation batch
)
EVAL_TASKS_AT_ONCE = 4
QUEUED = 1  # train tasks beyond what the lanes hold, so that no lane waits for Tune's next decision
LEAVING_SECONDS = 10.0  # for eval tasks whose results are no longer needed
COUNT_SECONDS = 2.0  # how old the number of lanes may be


class RayBackend:
    """Lanes, Tune and judging tasks on one Ray cluster."""

    def __init__(
        self, plan: LanePlan, *, folder: Path, links: Mapping[str, str], judges: Judges | None
    ) -> None:
        self._plan, self._folder, self._links, self._judges = plan, folder, links, judges
        # two searches of studies of one name may run on one cluster
        self._name = f"{folder.name}-{ray.get_runtime_context().get_job_id()}"
        self._storage = folder / "ray"
        shutil.rmtree(self._storage, ignore_errors=True)
        self._lanes = Lanes(plan, name=self._name, trials=folder / "trials", storage=self._storage)
        self._verdict_cache = KnownVerdicts()
        self._leaving = Event()
        self._grading: list[Future[Any]] = []
        self._counted = (0, -COUNT_SECONDS)
        self._stopped: Mapping[str, float] = {}

    @property
    def lanes(self) -> int:
        """How many lanes are alive. Asks them at most every two seconds."""
        count, at = self._counted
        if monotonic() - at > COUNT_SECONDS:
            count, self._stopped = self._lanes.alive, self._lanes.stopped
            self._counted = (count, monotonic())
        return count

    @property
    def stopped_lanes(self) -> Mapping[str, float]:
        """Seconds without a step, as they were when the lanes were counted."""
        return self._stopped

    @property
    def links(self) -> Mapping[str, str]:
        """Title and address of the Ray dashboard, where there is one."""
        return self._links

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        """Run Tune until the board is done."""
        board.budget_meter.gpus = self._plan.count * self._plan.workers * self._plan.gpus
        if board.done:
            return
        room = self._plan.count * self._plan.slots + QUEUED
        tune_trials = TuneTrials(board, self._lanes.submit, room)
        config = {"dispatcher": self._name, "namespace": NAMESPACE}
        scheduler = BoardScheduler(tune_trials, tick=tick, reachable=self._reachable)
        tuner = tune.Tuner(
            tune.with_resources(TrialTrainable, {"CPU": TRAINABLE_CPUS}),
            tune_config=tune.TuneConfig(
                num_samples=-1,
                reuse_actors=True,
                search_alg=BoardSearcher(tune_trials, config),
                scheduler=scheduler,
                trial_name_creator=_name_of,
                trial_dirname_creator=_name_of,
            ),
            run_config=tune.RunConfig(
                name="tune",
                storage_path=str(self._storage),
                verbose=0,
                stop=_WithoutLanes(self._lanes, scheduler),
            ),
        )
        tuner.fit()
        if not board.done:
            self._refuse_lost_ray()
            raise LaneLost(
                scheduler.given_up or f"No lane is left. The last one to end was {self._lanes.lost}"
            )

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Lanes write completions; remote tasks judge them while lanes write those of later problems."""
        pool = ThreadPoolExecutor(EVAL_TASKS_AT_ONCE)
        try:
            futures = []
            for batch in eval_batches(eval_tasks):
                shards = pool.submit(self._request_shards, batch)
                futures += [
                    pool.submit(self._grade, eval_task, n, shards) for n, eval_task in enumerate(batch)
                ]
            self._grading += futures
            for future in as_completed(futures):
                eval_task, outcome = future.result()
                if isinstance(outcome, RayError):
                    self._refuse_lost_ray()
                yield eval_task, outcome
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # an interrupt does not wait for eval tasks

    def dismiss(self) -> None:
        """Tell the lanes to end. Does not wait for them."""
        self._lanes.dismiss()

    def close(self) -> None:
        """End the lanes, leave Ray and remove its files from the run folder.

        The process leaves Ray only when no thread calls it any more: a later call would end the process.
        """
        try:
            self._leaving.set()
            self._lanes.close()
            wait(self._grading, LEAVING_SECONDS)
        finally:
            cluster.stop()
            shutil.rmtree(self._storage, ignore_errors=True)

    def _refuse_lost_ray(self) -> None:
        """Raise RayLost when a process has ended without which no lane can be reached."""
        ended = cluster.ended()
        if ended:
            raise RayLost(ended)
        if not self._lanes.answer():
            raise RayLost(str(self._lanes.lost))

    def _reachable(self) -> bool:
        return self._lanes.lost is None and self._lanes.answer()

    def _grade(
        self, eval_task: EvalTask, place: int, shards: Future[list[Any]]
    ) -> tuple[EvalTask, Score | Exception]:
        judges = self._judges
        assert judges is not None, "A study with evaluators is given a sandbox."
        spread = RayJudge(leaving=self._leaving)
        try:
            return eval_task, judge_eval_task(
                eval_task,
                _completions(place, shards),
                judges.sandbox,
                judges.description,
                spread=spread,
                cache=self._verdict_cache,
            )
        except Exception as error:  # the outcome of this eval task; the others go on
            return eval_task, error

    def _request_shards(self, batch: Sequence[EvalTask]) -> list[Any]:
        """Ask lanes for completions, shard by shard in the problems' order: the calls and their promises."""
        problems = eval_task_problems(batch[0])
        shard_size = max(1, -(-len(problems) // (self._plan.count * SHARDS_PER_LANE)))
        parts = [tuple(problems[start : start + shard_size]) for start in range(0, len(problems), shard_size)]
        asks = [partial(self._lanes.dispatcher.write.remote, EvalShard(tuple(batch), part)) for part in parts]
        return [(ask, ask()) for ask in asks]


def _completions(place: int, shards: Future[list[Any]]) -> Iterator[Completion]:
    """The completions of the eval task at ``place`` of its batch, shard by shard as lanes write them."""
    for ask, promise in shards.result():
        completions = answer_of(ask, promise)[place]
        if isinstance(completions, Exception):
            raise completions
        yield from completions


class _WithoutLanes(tune.Stopper):
    """Ends Tune's run when no lane is left or Tune trials keep failing; else trials would wait for ever."""

    def __init__(self, lanes: Lanes, scheduler: BoardScheduler) -> None:
        self._lanes, self._scheduler = lanes, scheduler

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Stop no single trial."""
        return False

    def stop_all(self) -> bool:
        """Stop all trials once the last lane is gone or Tune trials are given up."""
        return self._lanes.lost is not None or self._scheduler.given_up is not None

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _name_of(trial: tune.experiment.Trial) -> str:
    return str(trial.config["trial"])

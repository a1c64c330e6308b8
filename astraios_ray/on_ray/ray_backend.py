"""A study on Ray: Tune carries trials between the board and the lanes, remote tasks judge."""

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

from astraios_ray.errors import LaneLost
from astraios_ray.evaluation.by_region import scenario
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.answer import answer_of
from astraios_ray.on_ray.dispatcher import EvalShard
from astraios_ray.on_ray.judges import Judges
from astraios_ray.on_ray.lanes import NAMESPACE, LanePlan, Lanes
from astraios_ray.on_ray.ray_judge import RayJudge
from astraios_ray.on_ray.trainable import TrialTrainable
from astraios_ray.on_ray.tune_scheduler import BoardScheduler, BoardSearcher, Known
from astraios_ray.records import Completion, EvalTask, Score
from astraios_ray.search.trial_boards import TrialBoards
from astraios_ray.trial.worker import eval_batches, eval_task_problems

PROXY_CPUS = 0.01  # Ray refuses 0
PIECES_PER_LANE = 2  # of one sitting: small enough that lanes end together, large enough to fill a batch
EXAMS_AT_ONCE = 4
QUEUED = 1  # train_tasks beyond what the lanes can hold, so that none waits for Tune's next decision
LEAVING_SECONDS = 10.0  # for eval_tasks that nobody waits for any more
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
        self._known = KnownVerdicts()
        self._leaving = Event()
        self._grading: list[Future[Any]] = []
        self._counted = (0, -COUNT_SECONDS)

    @property
    def lanes(self) -> int:
        """How many lanes are alive, asked at most every two seconds."""
        count, at = self._counted
        if monotonic() - at > COUNT_SECONDS:
            count = self._lanes.alive
            self._counted = (count, monotonic())
        return count

    @property
    def links(self) -> Mapping[str, str]:
        """The Ray dashboard."""
        return self._links

    def train(self, board: TrialBoards, tick: Callable[[], None]) -> None:
        """Run Tune until the board is done."""
        board.budget_meter.gpus = self._plan.count * self._plan.workers * self._plan.gpus
        if board.done:
            return
        known: Known = {}
        room = self._plan.count * self._plan.slots + QUEUED
        config = {"dispatcher": self._name, "namespace": NAMESPACE, "rungs": list(board.rungs)}
        scheduler = BoardScheduler(board, known, room, tick=tick, reachable=self._reachable)
        tuner = tune.Tuner(
            tune.with_resources(TrialTrainable, {"CPU": PROXY_CPUS}),
            tune_config=tune.TuneConfig(
                num_samples=-1,
                reuse_actors=True,
                search_alg=BoardSearcher(board, known, room, config),
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
            raise LaneLost(
                scheduler.given_up or f"No lane is left. The last one to end was {self._lanes.lost}"
            )

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Lanes write; remote tasks judge each eval_task while later problems are being written."""
        pool = ThreadPoolExecutor(EXAMS_AT_ONCE)
        try:
            futures = []
            for sitting in eval_batches(eval_tasks):
                pieces = pool.submit(self._pieces, sitting)
                futures += [
                    pool.submit(self._graded, eval_task, n, pieces) for n, eval_task in enumerate(sitting)
                ]
            self._grading += futures
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # whoever interrupts does not wait for eval_tasks

    def dismiss(self) -> None:
        """Send the lanes home."""
        self._lanes.dismiss()

    def close(self) -> None:
        """End the lanes and remove what Ray kept for itself in the run folder.

        Ray is left when no thread calls it any more: it ends the process of one that does afterwards.
        """
        try:
            self._leaving.set()
            self._lanes.close()
            wait(self._grading, LEAVING_SECONDS)
        finally:
            cluster.stop()
            shutil.rmtree(self._storage, ignore_errors=True)

    def _reachable(self) -> bool:
        return self._lanes.lost is None and self._lanes.answer()

    def _graded(
        self, eval_task: EvalTask, place: int, pieces: Future[list[Any]]
    ) -> tuple[EvalTask, Score | Exception]:
        try:
            return eval_task, self._score(eval_task, _completions(place, pieces))
        except Exception as error:  # is that eval_task's outcome; the others go on
            return eval_task, error

    def _score(self, eval_task: EvalTask, completions: Iterator[Completion]) -> Score:
        judges = self._judges
        assert judges is not None, "A study with evaluators is given a sandbox."
        spread = RayJudge(leaving=self._leaving)
        verdicts = judge_all(eval_task.evaluator, completions, judges.sandbox, spread, self._known)
        sides = scenario(eval_task.evaluator, eval_task.spec.data)
        return score(eval_task.evaluator, verdicts, judges.description, sides)

    def _pieces(self, sitting: Sequence[EvalTask]) -> list[Any]:
        """What lanes are asked to write, in the problems' order: how, and the promises."""
        problems = eval_task_problems(sitting[0])
        size = max(1, -(-len(problems) // (self._plan.count * PIECES_PER_LANE)))
        parts = [tuple(problems[start : start + size]) for start in range(0, len(problems), size)]
        asks = [
            partial(self._lanes.dispatcher.write.remote, EvalShard(tuple(sitting), part)) for part in parts
        ]
        return [(ask, ask()) for ask in asks]


def _completions(place: int, pieces: Future[list[Any]]) -> Iterator[Completion]:
    """Those of the eval_task at ``place`` of its sitting, piece by piece, while later pieces are being written."""
    for ask, promise in pieces.result():
        written = answer_of(ask, promise)[place]
        if isinstance(written, Exception):
            raise written
        yield from written


class _WithoutLanes(tune.Stopper):
    """Ends Tune's run when nobody is left to train, or to ask for it; trials would wait for ever."""

    def __init__(self, lanes: Lanes, scheduler: BoardScheduler) -> None:
        self._lanes, self._scheduler = lanes, scheduler

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Never one trial alone."""
        return False

    def stop_all(self) -> bool:
        """All, once the last lane is gone, or go-betweens are given up."""
        return self._lanes.lost is not None or self._scheduler.given_up is not None

    def __getstate__(self) -> dict[str, Any]:
        return {}


def _name_of(trial: tune.experiment.Trial) -> str:
    return str(trial.config["trial"])

"""Runs a study in this process, without Ray. Every other backend must agree with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from astraios_ray.evaluation.judging import judge_eval_task
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import EvalTask, Score
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.search.trial_board import TrialBoard
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.trial.worker import CompletionsOrError, Worker, eval_batches


class LocalBackend:
    """A backend whose one lane is this process."""

    def __init__(
        self,
        trials: Path,
        *,
        slots: int,
        sandbox: Sandbox | None,
        runtime: Runtime | None = None,
        pack_tokens: int | None = ALONE,
    ) -> None:
        runtime = runtime or SingleProcess()
        self._worker = Worker(trials, runtime, pack_tokens=pack_tokens)
        self._gpus = float(runtime.device.startswith("cuda"))
        self._slots, self._sandbox = slots, sandbox
        self._verdict_cache = KnownVerdicts()

    @property
    def lanes(self) -> int:
        """One lane, which is this process."""
        return 1

    @property
    def stopped_lanes(self) -> Mapping[str, float]:
        """None: who looks is the lane itself."""
        return {}

    @property
    def links(self) -> Mapping[str, str]:
        """None: there is no page to look at."""
        return {}

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        """Fill the slots, train each trial for a step, and tell the board the reports."""
        trainer, board.budget_meter.gpus = self._worker.trainer, self._gpus
        while not board.done:
            while trainer.working < self._slots and (ready := board.ready()):
                failure = trainer.start(board.ask(ready[0]))
                if failure:
                    board.tell(failure)
                tick()
            for train_report in trainer.turn():
                board.tell(train_report)
                tick()

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Score batch after batch, and in it eval task after eval task."""
        for batch in eval_batches(eval_tasks):
            try:
                outcomes = self._worker.write_all(batch)
            except Exception as error:  # the outcome of this batch; the others go on
                outcomes = [error] * len(batch)
            for eval_task, outcome in zip(batch, outcomes, strict=True):
                try:
                    yield eval_task, self._score(eval_task, outcome)
                except Exception as error:  # the outcome of this eval task; the others go on
                    yield eval_task, error

    def dismiss(self) -> None:
        """Do nothing: there are no other workers."""

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def _score(self, eval_task: EvalTask, completions: CompletionsOrError) -> Score:
        assert self._sandbox is not None, "A study with evaluators is given a sandbox."
        if isinstance(completions, Exception):
            raise completions
        description = self._sandbox.describe()
        return judge_eval_task(eval_task, completions, self._sandbox, description, cache=self._verdict_cache)

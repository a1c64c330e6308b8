"""A study in this process, without Ray. The reference that every backend must agree with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from astraios_ray.evaluation.by_region import scenario
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import EvalTask, Score
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.search.trial_boards import TrialBoards
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.trial.worker import CompletionsOrError, Worker, eval_batches


class LocalBackend:
    """One lane, in process."""

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
        self._known = KnownVerdicts()

    @property
    def lanes(self) -> int:
        """This process is the one lane."""
        return 1

    @property
    def links(self) -> Mapping[str, str]:
        """Nothing to look at."""
        return {}

    def train(self, board: TrialBoards, tick: Callable[[], None]) -> None:
        """Fill the slots, give each a step, tell what ended."""
        board.budget_meter.gpus = self._gpus
        while not board.done:
            while self._worker.working < self._slots and (ready := board.ready()):
                refused = self._worker.start(board.ask(ready[0]))
                if refused:
                    board.tell(refused)
                tick()
            for train_report in self._worker.turn():
                board.tell(train_report)
                tick()

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """One sitting after the other, one eval_task of it after the other."""
        for sitting in eval_batches(eval_tasks):
            try:
                written = self._worker.write_all(sitting)
            except Exception as error:  # is their outcome; the others go on
                written = [error] * len(sitting)
            for eval_task, one in zip(sitting, written, strict=True):
                try:
                    yield eval_task, self._score(eval_task, one)
                except Exception as error:  # is that eval_task's outcome; the others go on
                    yield eval_task, error

    def dismiss(self) -> None:
        """Nobody to tell."""

    def close(self) -> None:
        """Nothing to free."""

    def _score(self, eval_task: EvalTask, written: CompletionsOrError) -> Score:
        assert self._sandbox is not None, "A study with evaluators is given a sandbox."
        if isinstance(written, Exception):
            raise written
        verdicts = judge_all(eval_task.evaluator, written, self._sandbox, cache=self._known)
        sides = scenario(eval_task.evaluator, eval_task.spec.data)
        return score(eval_task.evaluator, verdicts, self._sandbox.describe(), sides)

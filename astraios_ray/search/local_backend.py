"""A study in this process, without Ray. The reference that every backend must agree with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from astraios_ray.evaluation.by_region import scenario
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import Exam, Score
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.search.trial_boards import Desks
from astraios_ray.training.pass_packing import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.trial.worker import Worker, Written, sittings


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

    def train(self, desk: Desks, tick: Callable[[], None]) -> None:
        """Fill the slots, give each a step, settle what ended."""
        desk.spending.gpus = self._gpus
        while not desk.done:
            while self._worker.working < self._slots and (ready := desk.ready()):
                refused = self._worker.start(desk.claim(ready[0]))
                if refused:
                    desk.settle(refused)
                tick()
            for stretch in self._worker.turn():
                desk.settle(stretch)
                tick()

    def examine(self, exams: Sequence[Exam]) -> Iterator[tuple[Exam, Score | Exception]]:
        """One sitting after the other, one exam of it after the other."""
        for sitting in sittings(exams):
            try:
                written = self._worker.write_all(sitting)
            except Exception as error:  # is their outcome; the others go on
                written = [error] * len(sitting)
            for exam, one in zip(sitting, written, strict=True):
                try:
                    yield exam, self._score(exam, one)
                except Exception as error:  # is that exam's outcome; the others go on
                    yield exam, error

    def dismiss(self) -> None:
        """Nobody to tell."""

    def close(self) -> None:
        """Nothing to free."""

    def _score(self, exam: Exam, written: Written) -> Score:
        assert self._sandbox is not None, "A study with evaluators is given a sandbox."
        if isinstance(written, Exception):
            raise written
        verdicts = judge_all(exam.evaluator, written, self._sandbox, known=self._known)
        sides = scenario(exam.evaluator, exam.spec.data)
        return score(exam.evaluator, verdicts, self._sandbox.describe(), sides)

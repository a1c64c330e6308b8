"""One worker's whole work, whoever drives it: train leases side by side, write completions for exams."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.stages import answer
from astraios_ray.methods.base import build
from astraios_ray.models.load import Base
from astraios_ray.records import Completion, Exam, Lease, Stretch
from astraios_ray.training.bench import Bench
from astraios_ray.training.checkpoints import fingerprint, read_checkpoint
from astraios_ray.training.materials import Shelf
from astraios_ray.training.packs import ALONE
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.slot import ADAPTER


class Worker:
    """Keeps bases and rows loaded from its first lease to its last."""

    def __init__(
        self, trials: Path, runtime: Runtime | None = None, *, pack_tokens: int | None = ALONE
    ) -> None:
        self._runtime: Runtime = runtime or SingleProcess()
        self._shelf = Shelf(self._runtime.device)
        self._bench = Bench(self._shelf, trials, self._runtime, pack_tokens=pack_tokens)

    @property
    def working(self) -> int:
        """How many leases it serves."""
        return self._bench.working

    def start(self, lease: Lease) -> Stretch | None:
        """Take a lease; a trial that cannot be set up comes back at once."""
        return self._bench.start(lease)

    def turn(self) -> list[Stretch]:
        """One step for every leased trial, in passes that they share where they fit; those that ended."""
        return self._bench.turn()

    def write(self, exam: Exam, problems: Sequence[str] | None = None) -> Iterator[Completion]:
        """The completions of one model for the exam's problems, or for those named."""
        evaluator = load_evaluator(exam.evaluator)
        wanted = set(exam_problems(exam) if problems is None else problems)
        chosen = [problem for problem in evaluator.problems() if problem.id in wanted]
        base = self._shelf.base(exam.spec.model)
        with self._tuned(exam, base) as model:
            yield from answer(evaluator, chosen, model, base.tokenizer, exam.sampling, self._runtime.device)

    @contextmanager
    def _tuned(self, exam: Exam, base: Base) -> Iterator[Any]:
        if exam.checkpoint is None:
            yield base.model
            return
        if read_checkpoint(exam.checkpoint)["spec"] != fingerprint(exam.spec):
            raise TornFile(f"{exam.checkpoint.folder}: a checkpoint of another trial than {exam.spec.id}.")
        method = build(exam.spec.method, exam.spec.hyperparameters)
        model = base.model if method.shares_base else deepcopy(base.model)
        tuned = method.apply(model, base.places, exam.spec.seed)
        tuned.load(Path(exam.checkpoint.folder) / ADAPTER)
        tuned.attach()
        tuned.model.eval()
        try:
            yield tuned.model
        finally:
            tuned.detach()


def exam_problems(exam: Exam) -> list[str]:
    """The ids of the problems that the exam asks, in the evaluator's order."""
    problems = load_evaluator(exam.evaluator).problems()
    if not problems:
        raise ConfigError(f"evaluator {exam.evaluator}: it has no problems.")
    return [problem.id for problem in problems[: exam.limit]]

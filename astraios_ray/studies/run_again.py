"""Run one trial of a study again, in this process, from its record alone."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from astraios_ray.config.study import EvaluateConfig, StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.data.row_reader import read_rows
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.records import EvalTask, Score, StudyRecord, TrainReport, TrainTask, TrialResult, TrialState
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.search.eval_protocol import sampling_of
from astraios_ray.search.local_backend import LocalBackend
from astraios_ray.search.recorded_study import read_contents
from astraios_ray.studies.torch_device import usable_device
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.trial.contents import contents_of_model, contents_of_study
from astraios_ray.trial.trained_contents import compare_contents
from astraios_ray.trial.worker import Worker

BROKEN = (TrialState.DIVERGED, TrialState.FAILED)


def refuse_untrained(result: TrialResult) -> None:
    """Raises ConfigError for a trial of which nothing is recorded that could be run again."""
    if not result.points and result.state not in BROKEN:
        raise ConfigError(
            f"{result.spec.id}: nothing was measured of it yet (it is {result.state.value}), so there is "
            "nothing to compare a rerun with."
        )


def compare_with_record(
    record: StudyRecord, result: TrialResult, *, scored: bool, despite_changes: bool
) -> None:
    """Compare model, rows and, where it is ``scored`` again, evaluators of the trial with the study's.

    Raises StudyChanged, and what reading model, rows and evaluators raises.
    """
    place, labels = Path(record.folder), {score.evaluator for score in result.scores} if scored else set()
    before = read_contents(place)
    now = _contents_now(record, result, labels) if before else {}
    if before:
        evaluators = before.get("evaluate", {})
        before["evaluate"] = {label: evaluators[label] for label in evaluators if label in labels}
    compare_contents(place, before, now, despite_changes=despite_changes)


def _contents_now(record: StudyRecord, result: TrialResult, labels: Collection[str]) -> dict[str, Any]:
    study = StudyConfig.model_validate(record.config)
    tasks = [task for task in study.evaluate.tasks if parse_task(task).label in labels]
    problems = {task: list(read_problems(task).values()) for task in tasks}
    contents = contents_of_study(study, read_rows(study.data.ref()), problems)
    return {**contents, "model": contents_of_model(result.spec.model)}


def run_again(
    record: StudyRecord, result: TrialResult, folder: Path, sandbox: Sandbox | None, device: str | None = None
) -> TrialResult:
    """Train the trial again to its last step and, with a ``sandbox``, score it on the same tasks.

    Its checkpoints go below ``folder``, which must not hold others. Raises what reading data, loading the
    model and judging raise.
    """
    runtime = SingleProcess(usable_device(device))
    train_report = _train(result, folder, runtime)
    again = replace(
        result,
        state=train_report.state if train_report.state in BROKEN else result.state,
        points=train_report.points,
        cost=train_report.cost,
        setup=train_report.setup,
        checkpoint=train_report.checkpoint,
        scores=(),
        reason=train_report.reason,
    )
    if sandbox is None or train_report.checkpoint is None:
        return again
    backend = LocalBackend(folder, slots=1, sandbox=sandbox, runtime=runtime)
    return replace(again, scores=tuple(_scores(record, result, again, backend)))


def _train(result: TrialResult, folder: Path, runtime: SingleProcess) -> TrainReport:
    """Train to the trial's last step; a trial that broke trains to the end, so that it can break anywhere."""
    spec, last = result.spec, result.last
    until = last.step if last and result.state not in BROKEN else spec.recipe.max_steps
    return Worker(folder, runtime).trainer.train(TrainTask(spec, until))


def _scores(
    record: StudyRecord, result: TrialResult, again: TrialResult, backend: LocalBackend
) -> Iterator[Score]:
    evaluate = EvaluateConfig.model_validate(record.config["evaluate"])
    sampling = sampling_of(evaluate, int(record.config["search"]["seed"]))
    labels = {score.evaluator for score in result.scores}
    eval_tasks = [
        EvalTask(again.spec, again.checkpoint, task, sampling, evaluate.limit)
        for task in evaluate.tasks
        if parse_task(task).label in labels
    ]
    for _, outcome in backend.examine(eval_tasks):
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome

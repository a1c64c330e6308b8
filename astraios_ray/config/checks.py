"""What must hold between the keys of a study, beyond each key's own type."""

import ast
from collections.abc import Iterator
from math import isqrt

from astraios_ray.config import content
from astraios_ray.config.config_problems import Path, near
from astraios_ray.config.data_checks import Check, is_local, missing_path, no_builtin, of_data, unpinned
from astraios_ray.config.study import ModelConfig, StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import ConfigError

BUILTIN_MODELS = ("nano-xs", "nano-s", "nano-m", "nano-l", "nano-t5")
PYTHON_ELEMENTS = tuple(
    sorted(name for name, kind in vars(ast).items() if isinstance(kind, type) and issubclass(kind, ast.AST))
)

VALIDATIONS = 100_000  # of one trial: each is kept in memory and in the journal

MAX_STEPS: Path = ("training", "max_steps")
EVERY: Path = ("training", "validate_every")
WARMUP: Path = ("training", "warmup_steps")
BATCH: Path = ("training", "batch_size")
OPTIMIZER: Path = ("training", "optimizer")
GRACE: Path = ("early_stop", "grace")
TRIALS: Path = ("budget", "trials")


def contradictions(study: StudyConfig) -> Iterator[Check]:
    """Every pair of keys that cannot both be meant, and every name or file that does not exist."""
    yield from _steps(study)
    yield from _batches(study)
    yield from _counts(study)
    yield from _names(study)
    yield from of_data(study.data)
    yield from _model(study.model)
    yield from _regions(study)
    yield from _paged(study)
    yield from _pinned_without_need(study)


def _steps(study: StudyConfig) -> Iterator[Check]:
    if not study.training.counted:  # checked once the rows are counted
        return
    steps, interval, warmup = (
        study.training.max_steps,
        study.training.validate_every,
        study.training.warmup_steps,
    )
    if warmup >= steps:
        yield (
            (WARMUP, MAX_STEPS),
            f"{warmup} steps of warm-up never end in {steps} steps; write less than {steps}",
        )
    if steps % interval:
        right = nearest_divisor(steps, interval)
        text = (
            f"{interval} does not divide max_steps {steps}: the last step would go unvalidated; write {right}"
        )
        yield (EVERY, MAX_STEPS), text
    elif steps // interval > VALIDATIONS:
        right = nearest_divisor(steps, -(-steps // VALIDATIONS))
        text = f"{steps // interval} validations of each trial, at most {VALIDATIONS} are kept; write {right}"
        yield (EVERY, MAX_STEPS), text
    stop = study.early_stop
    if stop.rule == "none":
        return
    if interval >= steps:
        text = f"trials are compared before their end, and {interval} is no step before max_steps {steps}"
        yield (EVERY, MAX_STEPS), f"{text}; write a smaller number, or early_stop.rule none"
    if stop.grace == "auto":
        return
    if stop.grace >= steps:
        yield (
            (GRACE, MAX_STEPS),
            f"the first comparison, at step {stop.grace}, must be before max_steps {steps}",
        )
    if stop.grace % interval:
        right = max(interval, round(stop.grace / interval) * interval)
        compared = f"validate_every {interval}, where trials are compared"
        text = f"{stop.grace} is no multiple of {compared}; write {right}"
        yield (GRACE, EVERY), text


def nearest_divisor(number: int, target: int) -> int:
    """The divisor of ``number`` that is nearest to ``target``, the smaller of two."""
    small = [d for d in range(1, isqrt(number) + 1) if number % d == 0]
    divisors = [*small, *(number // d for d in small)]
    return min(divisors, key=lambda divisor: (abs(divisor - target), divisor))


def _batches(study: StudyConfig) -> Iterator[Check]:
    batch, micro, workers = study.training.batch_size, study.training.micro_batch_size, study.lanes.workers
    if batch % workers:
        yield (("lanes", "workers"), BATCH), f"{workers} workers cannot share batch_size {batch} evenly"
    elif micro and (batch // workers) % micro:
        share = batch // workers
        right = nearest_divisor(share, micro)
        text = f"{micro} does not divide the {share} rows per step and worker; write {right}"
        yield (("training", "micro_batch_size"), BATCH, ("lanes", "workers")), text


def _counts(study: StudyConfig) -> Iterator[Check]:
    sets = len(study.searches())
    if study.budget.trials % sets:
        right = study.budget.trials + sets - study.budget.trials % sets
        text = f"{study.budget.trials} trials do not part evenly into {sets} training sets; write {right}"
        yield (TRIALS, ("ood", "training_sets")), text
        return
    trials, methods, bracket = study.budget.trials // sets, len(study.methods), study.search.bracket
    if trials < methods:
        of = "" if sets == 1 else f" of {sets} training sets"
        text = (
            f"{study.budget.trials} trials leave some of the {methods} methods{of} untried; "
            f"write at least {methods * sets}"
        )
        yield (TRIALS, ("methods",)), text
    if len(study.enqueue) > trials:
        text = f"{len(study.enqueue)} enqueued points do not fit into budget.trials {trials}"
        yield (("enqueue",), TRIALS), text
    if bracket != "auto" and bracket > trials:
        yield (
            (("search", "bracket"), TRIALS),
            f"{bracket} trials cannot start together, budget.trials is {trials}",
        )


def _names(study: StudyConfig) -> Iterator[Check]:
    if text := no_builtin(study.model.id, BUILTIN_MODELS):
        yield (("model", "id"),), text
    for index, task in enumerate(study.evaluate.tasks):
        if task in study.evaluate.tasks[:index]:
            yield (("evaluate", "tasks", index),), f"{task!r} stands twice; keep one"
        try:
            content.resolve("evaluator", parse_task(task).evaluator)
        except ConfigError as error:
            yield (("evaluate", "tasks", index),), str(error)


def _regions(study: StudyConfig) -> Iterator[Check]:
    ood = study.ood
    if ood is None:
        return
    if ood.low >= ood.high:
        yield (("ood", "low"), ("ood", "high")), f"the region from {ood.low} to high {ood.high} is empty"
    if ood.cluster >= ood.clusters:
        text = f"there is no cluster {ood.cluster} of {ood.clusters}; write 0 to {ood.clusters - 1}"
        yield (("ood", "cluster"), ("ood", "clusters")), text
    twice = sorted({name for name in ood.training_sets if ood.training_sets.count(name) > 1})
    if twice:
        yield (("ood", "training_sets"),), f"{', '.join(twice)} stands twice; keep one"
    needs = ood.region in ("syntax", "token")
    if needs and not (ood.element or "").strip():
        yield (("ood", "element"), ("ood", "region")), f"the region {ood.region} needs one; none is given"
    elif ood.region == "syntax" and ood.language is None and ood.element not in PYTHON_ELEMENTS:
        hint = near(str(ood.element), PYTHON_ELEMENTS)
        text = f"Python's ast module has no node {ood.element!r}{hint}; for example For, While or ListComp"
        yield (("ood", "element"),), text
    elif not needs and ood.element is not None:
        yield (("ood", "element"), ("ood", "region")), f"the region {ood.region} takes none; leave it out"
    for key, region in (("language", "syntax"), ("embedding", "meaning")):
        if getattr(ood, key) is not None and ood.region != region:
            yield (("ood", key), ("ood", "region")), f"is of region {region} only; leave it out"


def _model(model: ModelConfig) -> Iterator[Check]:
    local, hub = is_local(model.id), not model.id.startswith(("builtin:", "/", ".", "~"))
    if hub and model.revision is None and not local:
        yield (("model", "revision"), ("model", "id")), unpinned(model.id)
    if not local and model.id.startswith(("/", ".", "~")):
        yield (("model", "id"),), missing_path(model.id)


def _paged(study: StudyConfig) -> Iterator[Check]:
    optimizer = study.training.optimizer
    if optimizer.startswith("paged_") and study.lanes.gpus == 0:
        text = f"{optimizer} needs GPUs, and lanes.gpus is 0; write {optimizer.removeprefix('paged_')}"
        yield (OPTIMIZER, ("lanes", "gpus")), text


def _pinned_without_need(study: StudyConfig) -> Iterator[Check]:
    model = study.model
    if model.revision is not None and (model.id.startswith("builtin:") or is_local(model.id)):
        text = f"found {model.revision!r}, but {model.id} is no hub id and has no revisions; write null"
        yield (("model", "revision"), ("model", "id")), text

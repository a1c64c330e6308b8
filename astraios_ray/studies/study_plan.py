"""A study's plan as data: what will run, what it takes, and what cannot work."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import nn

from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.methods.method import traits_of
from astraios_ray.report.analysis.fairness import Fairness, fairness
from astraios_ray.report.sections.fairness import fairness_values
from astraios_ray.search.grace import early_comparison
from astraios_ray.space.domains import described
from astraios_ray.space.make_specs import model_of
from astraios_ray.space.space import Space, size
from astraios_ray.studies.detectable_difference import Evaluation
from astraios_ray.studies.device_memory import Memory, memory_of, processes_of
from astraios_ray.studies.environment import tracking_uri
from astraios_ray.studies.forecast import Forecast, forecast
from astraios_ray.studies.memory_estimate import (
    BaseFootprint,
    MethodFootprint,
    base_footprint,
    method_footprint,
    model_without_weights,
    ordinary,
)
from astraios_ray.studies.plan_conditions import plan_conditions
from astraios_ray.studies.study_sandbox import unjudgeable_problems
from astraios_ray.studies.study_template import tokenizer_of, unused_chat_template
from astraios_ray.studies.token_check import check_tokens
from astraios_ray.tracking.tracking_uri import check_tracking_uri


@dataclass(frozen=True)
class MethodPlan:
    """One method of the study, and what it takes."""

    name: str
    ranges: Mapping[str, str]
    configurations: int | None  # None: endlessly many
    first_bracket: int  # trials
    quantization: str  # of the base it is put on
    footprint: MethodFootprint | None  # None: the base's configuration could not be read


@dataclass(frozen=True)
class TaskPlan:
    """One evaluator, and how much it asks."""

    name: str
    problems: int
    groups: int  # independent ones among these: groups, and problems that stand alone
    completions: int  # over all models that are expected to be evaluated


@dataclass(frozen=True)
class Plan:
    """What ``astraios-ray search`` would do with a study."""

    study: str
    model: str
    base: BaseFootprint | None
    base_problem: str
    memory: Memory | None  # of a lane's worker; None: not known
    processes: int | None  # of all lanes on CPUs; None: not known, or GPUs
    together_bytes: int | None  # of these on one machine, a slot each, what they share once
    methods: tuple[MethodPlan, ...]
    search: Forecast
    tasks: tuple[TaskPlan, ...]
    warnings: tuple[str, ...]  # what works, and is perhaps not meant
    evaluated_models: int  # expected at most, the untuned base included
    fairness: Fairness  # the conditions of every method, and where they are unequal
    config: StudyConfig = field(repr=False)
    token_problem: str  # a text with a token that the model has no embedding for

    @property
    def problems(self) -> list[str]:
        """What cannot work, each with its reason: methods on the model, and the model on the rows."""
        of_methods = [
            f"{method.name} on {self.model}: {method.footprint.problem}"
            for method in self.methods
            if method.footprint and method.footprint.problem
        ]
        return [*of_methods, *filter(None, [self.token_problem])]

    @property
    def detectable(self) -> Evaluation | None:
        """What the task that ranks asks of each method; None where nothing is compared."""
        if not self.tasks or not self.evaluated_models or self.tasks[0].groups < 2:
            return None
        task, evaluate = self.tasks[0], self.config.evaluate
        return Evaluation(task.problems, task.groups, evaluate.samples, evaluate.seeds)

    @property
    def fits(self) -> bool | None:
        """Whether one trial of any method fits into a lane's memory; None: not known."""
        working = [m.footprint for m in self.methods if m.footprint and not m.footprint.problem]
        slot_counts = [footprint.slots for footprint in working if footprint.slots is not None]
        return any(slot_counts) if slot_counts else None

    def document(self) -> dict[str, Any]:
        """The plan as plain values, without the study itself."""
        content = {name: value for name, value in asdict(self).items() if name != "config"}
        more = {"problems": self.problems, "fits": self.fits, "fairness": fairness_values(self.fairness)}
        return {**content, **more, "detectable": self._detectable_values()}

    def _detectable_values(self) -> dict[str, Any] | None:
        if (now := self.detectable) is None:
            return None
        half = now.halved
        return {
            "difference": now.difference,
            "without_luck": now.without_luck,
            "half": half and {"problems": half.problems, "seeds": half.seeds},
        }


def make_plan(study: StudyConfig, space: Space) -> Plan:
    """The plan of a checked study. Loads no weights and touches no GPU; a hub id reads its configuration."""
    if study.tracking.mlflow and (uri := tracking_uri(study.tracking.uri)):
        check_tracking_uri(uri)
    search = forecast(study, space)
    memory = memory_of(study.lanes)
    base, footprints, problem, token_problem = _footprints(study, space, memory)
    methods = tuple(
        MethodPlan(
            name=name,
            ranges={key: described(domain) for key, domain in domains.items()},
            configurations=size(domains),
            first_bracket=search.first_bracket.get(name, 0),
            quantization=model_of(study, traits_of(name, ordinary(domains))).quantization,
            footprint=footprints.get(name),
        )
        for name, domains in space.items()
    )
    evaluated, processes = _evaluated(study, search), processes_of(study.lanes)
    return Plan(
        study.name,
        study.model.id,
        base,
        problem,
        memory,
        processes,
        _together(methods, processes),
        methods,
        search,
        _tasks(study, evaluated),
        _warnings(study),
        evaluated,
        fairness(plan_conditions(study, space, search, footprints, base)),
        study,
        token_problem,
    )


def _footprints(
    study: StudyConfig, space: Space, memory: Memory | None
) -> tuple[BaseFootprint | None, dict[str, MethodFootprint], str, str]:
    """The base and the methods on it, why the base cannot be read, and which text it cannot read."""
    try:
        model = model_without_weights(study)
    except ConfigError as error:
        return None, {}, str(error), ""
    base = base_footprint(study, model)
    footprints = {
        name: method_footprint(model, study, name, domains, memory) for name, domains in space.items()
    }
    return base, footprints, "", _token_problem(study, model)


def _token_problem(study: StudyConfig, model: nn.Module) -> str:
    try:
        check_tokens(study, model)
    except DataError as error:
        return str(error)
    except ConfigError:  # the tokenizer or the rows are not on this machine, which a plan does not need
        return ""
    return ""


def _together(methods: Sequence[MethodPlan], processes: int | None) -> int | None:
    """The bytes of all processes: each base once, and for each process its largest method beside it."""
    working = [(m.quantization, m.footprint) for m in methods if m.footprint and not m.footprint.problem]
    if processes is None or not working:
        return None
    bases = {quantization: footprint.base_bytes for quantization, footprint in working}
    return sum(bases.values()) + processes * max(
        footprint.lane_bytes - footprint.base_bytes for _, footprint in working
    )


def _evaluated(study: StudyConfig, search: Forecast) -> int:
    evaluate = study.evaluate
    if not evaluate.tasks or evaluate.which == "none":
        return 0
    if evaluate.which == "all":
        return search.trials + search.repeats + 1
    audited = round(search.audited) if evaluate.audited else 0
    of_each = evaluate.top + evaluate.per_method * len(study.methods)
    first = min(search.trials, of_each * len(study.searches()) + audited)
    return first + search.repeats + 1


def _warnings(study: StudyConfig) -> tuple[str, ...]:
    return (*_template_warnings(study), *unjudgeable_problems(study))


def _template_warnings(study: StudyConfig) -> tuple[str, ...]:
    try:
        template = unused_chat_template(study, tokenizer_of(study))
    except ConfigError:  # no tokenizer can be read; the base's problem says so
        template = ""
    return tuple(filter(None, [template, early_comparison(study)]))


def _tasks(study: StudyConfig, models: int) -> tuple[TaskPlan, ...]:
    plans = []
    for task in study.evaluate.tasks:
        evaluator = load_evaluator(task)
        problems = evaluator.problems()[: study.evaluate.limit]
        groups = len({problem.group or problem.id for problem in problems})
        completions = models * len(problems) * study.evaluate.samples
        plans.append(TaskPlan(parse_task(task).label, len(problems), groups, completions))
    return tuple(plans)

"""The space of a study: for each method, the domain of each of its parameters."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

from astraios_ray.config.config_problems import ConfigProblem, Path, near, refuse, shown
from astraios_ray.config.dialect import Block
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.space.domains import Domain, at, corners, domain_of, option_count, options
from astraios_ray.space.fitting import RECIPE, Fields, converted, misfit

Space: TypeAlias = Mapping[str, Mapping[str, Domain]]


FieldsOf: TypeAlias = Callable[[str], Fields]
Build: TypeAlias = Callable[[str, Mapping[str, Value]], object]


def build_space(study: StudyConfig, fields_of: FieldsOf, build: Build | None = None) -> Space:
    """The space of each method, ``defaults`` included where the method has the parameter.

    ``fields_of`` gives a method's hyperparameters; ``build`` makes a method of a name and values, and is
    tried with both ends of each range. Raises one ConfigError with a line for each unknown method or
    parameter, for each value that does not fit, and for what the sampler cannot draw.
    """
    problems: list[ConfigProblem] = []
    fields_by_method: dict[str, Fields] = {}
    for method in study.methods:
        try:
            fields_by_method[method] = {**RECIPE, **fields_of(method)}
        except ConfigError as error:
            problems.append(study.problem(("methods", method), str(error)))
    problems += _misplaced(study, fields_by_method)
    space = {method: _domains(study, method, fields) for method, fields in fields_by_method.items()}
    problems += _ungridded(study, space)
    problems += [] if problems or build is None else _unbuildable(study, space, fields_by_method, build)
    refuse(problems)
    return space


def grid(space: Space) -> Iterator[tuple[str, dict[str, Value]]]:
    """Every configuration of a finite space, method by method. Raises ValueError if one is endless."""
    for method, domains in space.items():
        endless = [name for name, domain in domains.items() if option_count(domain) is None]
        if endless:
            raise ValueError(f"{method}.{endless[0]} has endlessly many values; a grid needs finite ones.")
        for values in _product(list(domains.values())):
            yield method, dict(zip(domains, values, strict=True))


def _product(domains: Sequence[Domain]) -> Iterator[tuple[Value, ...]]:
    """As itertools.product, which would list the values of every domain first."""
    if not domains:
        yield ()
        return
    for value in options(domains[0]) or ():
        yield from ((value, *others) for others in _product(domains[1:]))


def size(domains: Mapping[str, Domain]) -> int | None:
    """How many configurations one method has, or None if endlessly many."""
    counts = [option_count(domain) for domain in domains.values()]
    return None if None in counts else prod(count or 0 for count in counts)


def _domains(study: StudyConfig, method: str, fields: Fields) -> dict[str, Domain]:
    inherited = {name: entry for name, entry in study.defaults.items() if name in fields}
    block: Block = {**inherited, **study.methods[method]}
    entries = {name: entry for name, entry in block.items() if name in fields}
    return {name: converted(fields[name], domain_of(entry)) for name, entry in entries.items()}


def _misplaced(study: StudyConfig, fields_by_method: Mapping[str, Fields]) -> Iterator[ConfigProblem]:
    for method, fields in fields_by_method.items():
        yield from _misfits(study, ("methods", method), study.methods[method], fields)
    if len(fields_by_method) == len(study.methods):  # else a default may be for a method that is misspelt
        all_fields = {name: field for fields in fields_by_method.values() for name, field in fields.items()}
        yield from _misfits(study, ("defaults",), study.defaults, all_fields)
    for index, point in enumerate(study.enqueue):
        yield from _misplaced_point(study, ("enqueue", index), dict(point), fields_by_method)


def _misplaced_point(
    study: StudyConfig, path: Path, point: dict[str, Value], fields_by_method: Mapping[str, Fields]
) -> Iterator[ConfigProblem]:
    method = point.pop("method", None)
    if method not in study.methods:
        mistake = f"found {shown(method)}{near(method, study.methods)}"
        yield study.problem(
            (*path, "method"), f"{mistake}; write one of this study's: {', '.join(study.methods)}"
        )
    elif method in fields_by_method:
        yield from _misfits(study, path, point, fields_by_method[method])


def _misfits(
    study: StudyConfig, path: Path, block: Mapping[str, Any], fields: Fields
) -> Iterator[ConfigProblem]:
    for name, entry in block.items():
        if name not in fields:
            text = f"unknown parameter{near(name, fields)}; known: {', '.join(sorted(fields))}"
            yield study.problem((*path, name), text)
            continue
        domain = domain_of(entry)
        problem = misfit(fields[name], domain) or _endless_warmup(study, name, domain)
        if problem:
            yield study.problem((*path, name), problem)


def _endless_warmup(study: StudyConfig, name: str, domain: Domain) -> str | None:
    steps = study.training.max_steps
    if name != "warmup_steps":
        return None
    endless = [value for value in corners(domain) if isinstance(value, int) and value >= steps]
    return f"{endless[0]} steps of warm-up never end in max_steps {steps}; write less" if endless else None


def _ungridded(study: StudyConfig, space: Space) -> Iterator[ConfigProblem]:
    for method, domains in space.items() if study.search.sampler == "grid" else ():
        for name, domain in domains.items():
            if option_count(domain) is None:
                text = "sampler grid needs finite values; write a list or a step, or use tpe or random"
                yield study.problem(_written_at(study, method, name), text)


def _written_at(study: StudyConfig, method: str, name: str) -> Path:
    return ("methods", method, name) if name in study.methods[method] else ("defaults", name)


def _unbuildable(
    study: StudyConfig, space: Space, fields_by_method: Mapping[str, Fields], build: Build
) -> Iterator[ConfigProblem]:
    """What a method refuses: each value alone beside the defaults, then all ordinary values together."""
    for method, domains in space.items():
        hyperparameters = {name: domain for name, domain in domains.items() if name not in RECIPE}
        ordinary = {name: at(domain, 0.5) for name, domain in hyperparameters.items()}
        required = {
            name: value for name, value in ordinary.items() if fields_by_method[method][name].required
        }
        singles = [
            (_written_at(study, method, name), {**required, name: value})
            for name, domain in hyperparameters.items()
            for value in corners(domain)
        ]
        refused = list(_refused(study, method, singles, build))
        yield from refused or _refused(study, method, [(("methods", method), ordinary)], build)


def _refused(
    study: StudyConfig, method: str, tried: Sequence[tuple[Path, dict[str, Value]]], build: Build
) -> Iterator[ConfigProblem]:
    for path, values in tried:
        try:
            build(method, values)
        except ConfigError as error:
            yield study.problem(path, str(error))

"""The space of a study, checked against what the methods take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError, UnknownName
from astraios_ray.records import Value
from astraios_ray.space.domains import Choice, Constant, Real
from astraios_ray.space.space import Space, build_space, grid, size
from tests.config.studies import GOOD, study_file


@dataclass(frozen=True)
class Parameter:
    """A method's parameter that takes values of one type."""

    name: str
    type: Any
    required: bool = False

    def problem(self, value: object) -> str | None:
        fits = type(value) is self.type or (self.type is float and type(value) is int)
        return None if fits else f"found {value!r}, expected {self.type.__name__}"


METHODS = {
    "lora": {
        "r": Parameter("r", int),
        "dropout": Parameter("dropout", float),
        "kind": Parameter("kind", str),
    },
    "ia3": {},
    "made": {"size": Parameter("size", int, required=True)},
}


def fields_of(method: str) -> Mapping[str, Parameter]:
    if method not in METHODS:
        raise UnknownName(f"No method is named {method!r}.")
    return METHODS[method]


def study(folder: Path, *flags: str) -> StudyConfig:
    return load_study(study_file(folder, GOOD), flags)


def refused(config: StudyConfig) -> list[str]:
    with pytest.raises(ConfigError) as error:
        build_space(config, fields_of)
    return str(error.value).splitlines()


def test_defaults_are_inherited_and_a_methods_own_block_wins(tmp_path: Path) -> None:
    space = build_space(study(tmp_path, "methods.ia3={learning_rate: 1.0e-3}"), fields_of)
    assert space["lora"] == {"learning_rate": Real(1e-4, 1e-2, log=True), "r": Choice((4, 8))}
    assert space["ia3"] == {"learning_rate": Constant(1e-3)}


def test_a_default_is_only_for_methods_that_have_the_parameter(tmp_path: Path) -> None:
    space = build_space(study(tmp_path, "methods.ia3={}", "defaults.dropout=0.1"), fields_of)
    assert "dropout" in space["lora"]
    assert "dropout" not in space["ia3"]


def test_whole_numbers_become_real_where_the_parameter_is_real(tmp_path: Path) -> None:
    space = build_space(study(tmp_path, "methods.lora.dropout=[0, 0.1]"), fields_of)
    options = space["lora"]["dropout"]
    assert isinstance(options, Choice)
    assert [type(option) for option in options.options] == [float, float]


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("methods.lora.rr=4", "methods.lora.rr: unknown parameter (did you mean 'r'?); known: batch_size, "),
        ("methods.lora.r=4.5", "methods.lora.r: found 4.5, expected int"),
        ("methods.lora.r=[4, eight]", "methods.lora.r: found 'eight', expected int"),
        ("methods.lora.r={min: 1.0, max: 2.0}", "methods.lora.r: found 1.0, expected int"),
        (
            "methods.lora.dropout={min: 0, max: 1}",
            "only whole numbers; write min: 0.0, max: 1.0 for real ones",
        ),
        ("methods.lora.learning_rate=-1.0", "methods.lora.learning_rate: expected above 0.0, found -1.0"),
        ("methods.lora.schedule=cosin", "methods.lora.schedule: expected cosine, linear or constant"),
        ("methods.lora.warmup_steps=[5, 100]", "100 steps of warm-up never end in max_steps 100"),
        ("methods.lora.batch_size=0", "methods.lora.batch_size: expected at least 1, found 0"),
        ("methods.lora.max_steps=50", "methods.lora.max_steps: unknown parameter"),
        ("defaults.rr=4", "defaults.rr: unknown parameter (did you mean 'r'?)"),
        ("methods.nope.r=4", "methods.nope: No method is named 'nope'."),
        ("enqueue=[{method: lroa}]", "enqueue.0.method: found text 'lroa' (did you mean 'lora'?)"),
        ("enqueue=[{r: 4}]", "enqueue.0.method: found nothing (null)"),
        ("enqueue=[{method: lora, rank: 4}]", "enqueue.0.rank: unknown parameter"),
        ("enqueue=[{method: lora, r: 4.5}]", "enqueue.0.r: found 4.5, expected int"),
    ],
)
def test_what_does_not_fit_a_method_is_named_with_its_origin(flag: str, message: str, tmp_path: Path) -> None:
    lines = refused(study(tmp_path, flag))
    assert len(lines) == 1
    assert lines[0].startswith(f"--set {flag}: ")
    assert message in lines[0]


def test_all_that_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    lines = refused(study(tmp_path, "methods.lora.r=x", "methods.lora.dropout=x", "enqueue=[{method: x}]"))
    assert len(lines) == 3


def test_an_enqueued_value_may_lie_outside_the_range(tmp_path: Path) -> None:
    build_space(study(tmp_path, "enqueue=[{method: lora, r: 64, learning_rate: 1.0}]"), fields_of)


def test_a_grid_needs_finite_values(tmp_path: Path) -> None:
    config = study(tmp_path, "search.sampler=grid")
    assert refused(config)[0].startswith(
        f"{tmp_path}/study.yaml:8: defaults.learning_rate: sampler grid needs"
    )


def test_a_grid_has_every_configuration_once(tmp_path: Path) -> None:
    flags = ("search.sampler=grid", "defaults.learning_rate=[0.1, 0.2]", "methods.ia3={weight_decay: 0.0}")
    space = build_space(study(tmp_path, *flags), fields_of)
    listed = list(grid(space))
    assert len(listed) == 6 == sum(size(domains) or 0 for domains in space.values())
    assert ("lora", {"learning_rate": 0.2, "r": 4}) in listed
    assert ("ia3", {"learning_rate": 0.1, "weight_decay": 0.0}) in listed


def test_an_endless_space_has_no_grid(tmp_path: Path) -> None:
    space: Space = {"lora": {"learning_rate": Real(0.1, 0.2)}}
    assert size(space["lora"]) is None
    with pytest.raises(ValueError, match="endlessly many"):
        list(grid(space))


def test_what_a_method_refuses_to_be_built_with_is_told_with_its_origin(tmp_path: Path) -> None:
    def build(method: str, values: Mapping[str, Value]) -> object:
        if values.get("r") == 0:
            raise ConfigError("r must be at least 1")
        return None

    config = study(tmp_path, "methods.lora.r=[0, 4]")
    with pytest.raises(ConfigError) as error:
        build_space(config, fields_of, build)
    assert str(error.value) == "--set methods.lora.r=[0, 4]: methods.lora.r: r must be at least 1"


def test_values_are_tried_beside_those_that_a_method_requires(tmp_path: Path) -> None:
    calls: list[Mapping[str, Value]] = []

    def build(method: str, values: Mapping[str, Value]) -> object:
        calls.append(values)
        return None

    build_space(study(tmp_path, "methods={made: {size: [1, 3]}}"), fields_of, build)
    assert calls == [{"size": 1}, {"size": 3}, {"size": 3}]

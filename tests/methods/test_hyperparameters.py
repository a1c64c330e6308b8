"""The hyperparameters of a method as fields with names, types and defaults."""

from dataclasses import dataclass, field
from typing import Literal

import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.methods.hyperparameters import check, fields_of


@dataclass
class Sample:
    r: int = 8
    rate: float = 0.5
    width: int | None = None
    init: Literal["bert", "mam"] = "bert"
    on: bool = False
    names: list[str] = field(default_factory=list)


@dataclass
class Demanding:
    seeds: int
    name: str = "x"


def test_fields_of_plain_values_are_found_in_their_order_and_lists_are_not() -> None:
    assert list(fields_of(Sample)) == ["r", "rate", "width", "init", "on"]
    assert fields_of(Sample)["r"].default == 8


@pytest.mark.parametrize(
    ("name", "words"),
    [("r", "int"), ("width", "int | None"), ("init", "'bert' | 'mam'"), ("on", "bool"), ("rate", "float")],
)
def test_a_type_reads_as_a_person_writes_it(name: str, words: str) -> None:
    assert fields_of(Sample)[name].words == words


@pytest.mark.parametrize(
    ("name", "value"),
    [("r", 4), ("rate", 1), ("rate", 0.1), ("width", None), ("width", 3), ("init", "mam"), ("on", True)],
)
def test_a_value_of_the_type_has_no_problem(name: str, value: object) -> None:
    assert fields_of(Sample)[name].problem(value) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("r", 4.0), ("r", True), ("r", "4"), ("r", None), ("rate", "1e-4"), ("init", "bart"), ("on", 1)],
)
def test_a_value_of_another_type_is_a_problem_that_names_both(name: str, value: object) -> None:
    problem = fields_of(Sample)[name].problem(value)
    assert problem is not None
    assert repr(value) in problem and fields_of(Sample)[name].words in problem


def test_an_unknown_name_is_answered_with_the_nearest_and_the_list() -> None:
    with pytest.raises(
        ConfigError, match=r"no hyperparameter 'widht'. Did you mean 'width'\? It has: r, rate"
    ):
        check("sample", fields_of(Sample), {"widht": 3})


def test_a_missing_value_without_default_is_named() -> None:
    with pytest.raises(ConfigError, match=r"needs a value for 'seeds' \(int\)"):
        check("demanding", fields_of(Demanding), {"name": "y"})

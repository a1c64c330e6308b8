"""``methods``, ``models`` and ``schema``: what is there, for people and for programs."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import UnknownName
from astraios_ray.methods import METHODS
from astraios_ray.models.target_modules import PINNED


def ran(*args: str) -> Result:
    return CliRunner().invoke(cli, args, catch_exceptions=True)


def listed(*args: str) -> Any:
    result = ran(*args, "--json")
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_every_method_is_listed_with_its_source_and_search_space() -> None:
    methods = listed("methods")
    assert [method["name"] for method in methods] == list(METHODS)
    assert all("arXiv" in method["source"] and method["search_space"] for method in methods)


def test_a_method_is_shown_with_the_papers_defaults() -> None:
    parameters = {p["name"]: p["default"] for p in listed("methods", "lora")["parameters"]}
    assert {"r": 8, "alpha": 16, "dropout": 0.05}.items() <= parameters.items()


def test_a_method_is_shown_with_what_it_says_of_itself() -> None:
    assert listed("methods", "full")["traits"]["trains_whole_model"]
    assert (
        "shares the base; takes turns; does not merge: it puts" in ran("methods", "peft:PREFIX_TUNING").stdout
    )


def test_a_method_of_peft_is_shown() -> None:
    method = listed("methods", "peft:VERA")
    assert method["search_space"] is None
    assert "r" in {p["name"] for p in method["parameters"]}


def test_the_text_says_how_to_reach_other_methods() -> None:
    text = ran("methods").stdout
    assert "peft:<TYPE>" in text
    assert "adapter_p: A bottleneck after" in text


def test_an_unknown_method_is_refused_with_the_nearest_name() -> None:
    error = ran("methods", "lroa").exception
    assert isinstance(error, UnknownName)
    assert "Did you mean 'lora'?" in str(error)


def test_built_in_models_and_known_architectures_are_listed() -> None:
    models = listed("models")
    assert [model["id"] for model in models["builtin"]] == [
        f"builtin:nano-{size}" for size in ("xs", "s", "m", "l", "t5")
    ]
    assert {target_modules["architecture"] for target_modules in models["architectures"]} == set(PINNED)


def test_the_text_says_how_to_give_other_models() -> None:
    assert "model.target_modules" in ran("models").stdout


@pytest.mark.parametrize(
    ("kind", "title"), [("study", "StudyConfig"), ("space", "Search space of one method")]
)
def test_a_schema_is_printed(kind: str, title: str) -> None:
    assert json.loads(ran("schema", kind).stdout)["title"] == title

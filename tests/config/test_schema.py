"""The JSON schema says what the reader says, as far as a schema can."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from astraios_ray.config import content
from astraios_ray.config.explain_errors import mistakes
from astraios_ray.config.schema import json_schema, space_schema
from astraios_ray.config.study import StudyConfig
from tests.config.studies import GOOD, with_line

STUDY, SPACE = jsonschema.Draft202012Validator(json_schema()), jsonschema.Draft202012Validator(space_schema())


@pytest.mark.parametrize("name", content.names("study"))
def test_built_in_studies_are_valid(name: str) -> None:
    document = yaml.safe_load(content.resolve("study", name).read_text())
    STUDY.validate(document)


@pytest.mark.parametrize("name", content.names("space"))
def test_search_spaces_are_valid(name: str) -> None:
    SPACE.validate(yaml.safe_load(content.resolve("space", name).read_text()))


@pytest.mark.parametrize(
    "text", [with_line(10, "  lora:"), with_line(9, "methods: [lora]").replace("  lora: {r: [4, 8]}\n", "")]
)
def test_methods_may_be_null_or_a_list(text: str) -> None:
    STUDY.validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [with_line(6, "budgte: {trials: 4}"), with_line(6, "budget: {trials: x}"), GOOD + "lanes: {count: 0}"],
)
def test_mistakes_are_invalid(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        STUDY.validate(yaml.safe_load(text))


def test_the_schema_is_json_and_a_schema() -> None:
    for schema in (json_schema(), space_schema()):
        jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schema)))


def numbers(schema: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every number of a JSON schema, with its path."""
    if isinstance(schema, dict) and "const" not in schema and schema.get("type") in ("integer", "number"):
        yield path, schema
    parts = (
        schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    )
    for key, part in parts:
        yield from numbers(part, f"{path}/{key}")


@pytest.mark.parametrize("schema", [json_schema(), space_schema()])
def test_every_number_has_a_lower_and_an_upper_bound(schema: Any) -> None:
    found = dict(numbers(schema))
    assert found
    for path, number in found.items():
        assert {"minimum", "exclusiveMinimum"} & set(number), path
        assert {"maximum", "exclusiveMaximum"} & set(number), path


def test_real_uses_are_within_bounds() -> None:
    real = {
        "data.sequence_length": 131_072,
        "data.limit": 10**9,
        "training.max_steps": 1_000_000,
        "training.batch_size": 4096,
        "training.max_grad_norm": 1e9,
        "training.learning_rate": 100.0,
        "budget.trials": 10**7,
        "evaluate.samples": 200,
        "evaluate.max_new_tokens": 32_768,
    }
    study = StudyConfig.model_validate(yaml.safe_load(GOOD)).model_dump(mode="json")
    for key, value in real.items():
        section, name = key.split(".")
        study[section][name] = value
    StudyConfig.model_validate(study)


NUMBERS = [  # the section and the name of every key that holds a number
    (section["title"], name)
    for section in json_schema()["$defs"].values()
    for name, field in section.get("properties", {}).items()
    if dict(numbers(field))
]
SECTION_OF = {
    field.annotation.__name__: section
    for section, field in StudyConfig.model_fields.items()
    if isinstance(field.annotation, type)
}
ABSURD = [(SECTION_OF[title], name) for title, name in NUMBERS if title in SECTION_OF]


@pytest.mark.parametrize("value", [10**18, -(10**18), float("inf"), float("-inf"), float("nan")])
def test_absurd_numbers_are_refused_with_what_would_be_right(value: float) -> None:
    assert len(ABSURD) > 30
    good = StudyConfig.model_validate(yaml.safe_load(GOOD)).model_dump(mode="json")
    for section, name in ABSURD:
        study = {**good, section: {**good[section], name: value}}
        with pytest.raises(ValidationError) as error:
            StudyConfig.model_validate(study)
        texts = [text for _, text in mistakes(error.value, StudyConfig)]
        assert "expected" in " ".join(texts), (section, name, texts)


def test_a_number_above_its_bound_is_refused_with_the_reason() -> None:
    with pytest.raises(ValidationError) as error:
        StudyConfig.model_validate({**yaml.safe_load(GOOD), "budget": {"trials": 10**18}})
    [(_, text)] = mistakes(error.value, StudyConfig)
    assert text == (
        "expected at most 100000000, since a search keeps what it knows of its trials in memory; "
        "found 1000000000000000000"
    )

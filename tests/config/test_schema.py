"""The JSON schema says what the reader says, as far as a schema can."""

import json

import jsonschema
import pytest
import yaml

from astraios_ray.config import content
from astraios_ray.config.schema import json_schema, space_schema
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

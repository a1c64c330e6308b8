"""The JSON schema of study files and search spaces, for editors."""

from typing import Any, Literal

from pydantic import TypeAdapter

from astraios_ray.config.dialect import Block
from astraios_ray.config.extends import KEY, NOT_INHERITED
from astraios_ray.config.study import StudyConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: Literal["study", "space"] = "study") -> dict[str, Any]:
    """The JSON schema of study files, or of a method's search space."""
    return json_schema() if kind == "study" else space_schema()


def json_schema() -> dict[str, Any]:
    """The schema of a study file as it is written: it may extend another, methods may be a list."""
    content = StudyConfig.model_json_schema()
    block = content["properties"]["methods"]["additionalProperties"]
    mapping = {
        **content["properties"]["methods"],
        "additionalProperties": {"anyOf": [block, {"type": "null"}]},
    }
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    description = mapping.pop("description")
    content["properties"]["methods"] = {"anyOf": [mapping, names], "description": description}
    return {"$schema": DIALECT, **_extendable(content)}


def _extendable(content: dict[str, Any]) -> dict[str, Any]:
    """The schema in which a study that extends another need not repeat what is required."""
    text = "built-in study, or path from this file's folder; what is not said here is as it is there"
    properties = {KEY: {"type": "string", "description": text}, **content["properties"]}
    alternatives = [{"required": [KEY]}, {"required": content["required"]}]
    return {**content, "properties": properties, "required": [NOT_INHERITED], "anyOf": alternatives}


def space_schema() -> dict[str, Any]:
    """The schema of ``search_spaces/<method>.yaml``."""
    title = {"$schema": DIALECT, "title": "Search space of one method"}
    return {**title, **TypeAdapter(Block).json_schema()}

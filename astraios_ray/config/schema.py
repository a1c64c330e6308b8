"""The JSON schema of study files and search spaces, for editors."""

from typing import Any, Literal

from pydantic import TypeAdapter

from astraios_ray.config.dialect import Block
from astraios_ray.config.study import StudyConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: Literal["study", "space"] = "study") -> dict[str, Any]:
    """The JSON schema of study files, or of a method's search space."""
    return json_schema() if kind == "study" else space_schema()


def json_schema() -> dict[str, Any]:
    """The schema of a study file as it is written: a method may also be null, and methods a list of names."""
    content = StudyConfig.model_json_schema()
    block = content["properties"]["methods"]["additionalProperties"]
    mapping = {
        **content["properties"]["methods"],
        "additionalProperties": {"anyOf": [block, {"type": "null"}]},
    }
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
    description = mapping.pop("description")
    content["properties"]["methods"] = {"anyOf": [mapping, names], "description": description}
    return {"$schema": DIALECT, **content}


def space_schema() -> dict[str, Any]:
    """The schema of ``search_spaces/<method>.yaml``."""
    title = {"$schema": DIALECT, "title": "Search space of one method"}
    return {**title, **TypeAdapter(Block).json_schema()}

"""The text of a study file as a run folder keeps it: without the secrets of its addresses."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from astraios_ray.secret_masks import mask_secrets


def masked_study(text: str) -> str:
    """``text`` with the secrets masked: first those of whole values, since a password may hold blanks."""
    for value in _texts(yaml.safe_load(text)):
        text = text.replace(value, mask_secrets(value))
    return mask_secrets(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)

"""Ways to cut a completion of a security scenario. The way decides how many samples are valid."""

import re
from collections.abc import Callable, Mapping

from astraios_ray.evaluation.postprocess import cut_at_top_level

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/|[{}]', re.DOTALL)


def as_saved(text: str, language: str) -> str:
    """The whole completion, as it is scored without stop words."""
    return text


def truncated(text: str, language: str) -> str:
    """The text up to the brace that closes the function (C), or the next statement in column 0 (Python)."""
    return _up_to_closing_brace(text) if language == "c" else cut_at_top_level(text)


CUTS: Mapping[str, Callable[[str, str], str]] = {"truncated": truncated, "as_saved": as_saved}


def _up_to_closing_brace(text: str) -> str:
    """The text before that brace, which the suffix adds; braces in texts and comments do not count."""
    depth = 1
    for token in _TOKEN.finditer(text):
        depth += (token[0] == "{") - (token[0] == "}")
        if depth == 0:
            return text[: token.start()]
    return text

"""Docstring: typing errors in the description of the task; examples and names of the code stay."""

import re
from dataclasses import replace
from random import Random

from astraios_ray.tasks.perturbations.characters import (
    Slip,
    butter_fingers,
    change_blanks,
    change_case,
    in_words,
    swap_characters,
)
from astraios_ray.tasks.perturbations.naming import names_of
from astraios_ray.tasks.perturbations.row import CodeRow, parts_of
from astraios_ray.tasks.perturbations.transformation import transformation

_EXAMPLES = re.compile(r"^[ \t]*(?:>>>|(?:for )?examples?\b|e\.g\.)", re.IGNORECASE | re.MULTILINE)
_QUOTES = 3  # characters at both ends of a docstring


@transformation("ButterFingersPerturbation", "docstring", random=True)
def butter_fingers_in_docstring(row: CodeRow, random: Random) -> CodeRow:
    """Letters become their neighbours on the keyboard."""
    return _in_words(row, butter_fingers, random)


@transformation("ChangeCharCase", "docstring", random=True)
def change_case_in_docstring(row: CodeRow, random: Random) -> CodeRow:
    """Letters change their case."""
    return _in_words(row, change_case, random)


@transformation("SwapCharactersPerturbation", "docstring", random=True)
def swap_characters_in_docstring(row: CodeRow, random: Random) -> CodeRow:
    """Neighbouring letters of a word change places."""
    return _in_words(row, swap_characters, random)


@transformation("WhitespacePerturbation", "docstring", random=True)
def change_blanks_in_docstring(row: CodeRow, random: Random) -> CodeRow:
    """Blanks are left out or put into words. The code's own words are not spared."""
    start, end = _prose(row)
    lines = row.prompt[start:end].split("\n")
    changed = "\n".join(_behind_indent(line, random) for line in lines)
    return replace(row, prompt=row.prompt[:start] + changed + row.prompt[end:])


def _behind_indent(line: str, random: Random) -> str:
    text = line.lstrip()
    return line[: len(line) - len(text)] + change_blanks(text, random)


def _in_words(row: CodeRow, slip: Slip, random: Random) -> CodeRow:
    start, end = _prose(row)
    changed = in_words(row.prompt[start:end], slip, random, names_of(row))
    return replace(row, prompt=row.prompt[:start] + changed + row.prompt[end:])


def _prose(row: CodeRow) -> tuple[int, int]:
    """The start of the docstring's text, and its end or the start of its first example."""
    parts = parts_of(row)
    start, end = parts.doc_start + _QUOTES, min(parts.doc_end, len(row.prompt)) - _QUOTES
    if end <= start:
        return parts.doc_start, parts.doc_start
    example = _EXAMPLES.search(row.prompt, start, end)
    return start, example.start() if example else end

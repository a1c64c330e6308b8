"""Cut a completion at a stop string, or at the first line behind the function."""

from collections.abc import Sequence
from io import StringIO

PYTHON_STOP = ("\nclass ", "\ndef ", "\n#", "\n@", "\nprint", "\nif ", "\nassert ", "\n```")
"""Strings that end a function body in Python: bigcode-evaluation-harness's for HumanEval, made narrower."""

_OPEN, _CLOSE = "([{", ")]}"
_QUOTES = ("'''", '"""', "'", '"')


def cut_at_stop(text: str, stop: Sequence[str]) -> str:
    """``text`` up to the first stop string, without it."""
    ends = [place for place in (text.find(word) for word in stop) if place >= 0]
    return text[: min(ends)] if ends else text


def cut_at_top_level(text: str) -> str:
    """``text``, the continuation of a function, up to the first line that starts a new statement in column 0.

    The first line always stays, as it can continue the prompt's last line. A blank line starts no statement,
    nor does a line inside a bracket or a triple-quoted string.
    """
    lines = list(StringIO(text, newline=""))  # str.splitlines ends lines where Python's grammar does not
    depth, quote = 0, ""
    for number, line in enumerate(lines):
        if number and not quote and depth <= 0 and line.strip() and not line[0].isspace():
            return "".join(lines[:number])
        depth, quote = _scan(line, depth, quote)
    return text


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Depth of brackets and open triple quote after ``line``."""
    place = 0
    while place < len(line):
        if quote:
            if line[place] == "\\":
                place += 2
                continue
            if line.startswith(quote, place):
                place += len(quote)
                quote = ""
                continue
        elif line[place] == "#":
            break
        elif opened := next((mark for mark in _QUOTES if line.startswith(mark, place)), ""):
            quote = opened
            place += len(opened)
            continue
        else:
            depth += (line[place] in _OPEN) - (line[place] in _CLOSE)
        place += 1
    return depth, quote if len(quote) == 3 else ""

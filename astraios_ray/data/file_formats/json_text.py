"""Parses JSON with numbers of any length."""

import json
from decimal import Decimal

_DIGITS = 4300  # that int() reads


def parse_json(text: str) -> object:
    """The value of ``text``; a whole number of more than 4300 digits is a Decimal.

    Raises json.JSONDecodeError, and RecursionError for values that are nested too deeply.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # of int()
        return json.loads(text, parse_int=_whole_number)


def _whole_number(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _DIGITS else Decimal(digits)

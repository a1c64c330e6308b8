"""Ranges of the numbers that the Python API takes. The options of the command line have the same."""

from math import isfinite

from astraios_ray.errors import ConfigError


def check_whole(name: str, value: object, least: int = 1) -> None:
    """Raise ConfigError unless the argument ``name`` is None or a whole number, ``least`` or more."""
    if value is not None and not (type(value) is int and value >= least):
        raise _out_of_range(name, value, f"a whole number, {least} or more")


def check_number(name: str, value: object) -> None:
    """Raise ConfigError unless the argument ``name`` is None or a finite number, 0 or more."""
    if value is not None and not (isinstance(value, int | float) and isfinite(value) and value >= 0):
        raise _out_of_range(name, value, "a number, 0 or more")


def check_share(name: str, value: object) -> None:
    """Raise ConfigError unless the argument ``name`` is a number above 0, 1 or less."""
    if not (isinstance(value, int | float) and 0 < value <= 1):
        raise _out_of_range(name, value, "a number above 0, 1 or less")


def _out_of_range(name: str, value: object, expected: str) -> ConfigError:
    return ConfigError(f"`{name}`: found {value!r}, expected {expected}.", arguments=[name])

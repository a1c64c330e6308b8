"""A task of a study as one text: which evaluator, asked with which options."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from urllib.parse import parse_qsl, urlencode

from astraios_ray.errors import ConfigError

BUILTIN_ROWS = "builtin"  # as a value of ``data``: the few rows that an evaluator ships
SOURCES = ("data", "data_root")  # options that say where rows lie, not what is asked


@dataclass(frozen=True)
class Task:
    """An evaluator by name or path, with options by name. As text: ``humanevalpack_fix?language=java``."""

    evaluator: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.evaluator}?{urlencode(self.options, safe='/:~')}" if self.options else self.evaluator

    @property
    def label(self) -> str:
        """A short name, as scores bear it: ``humanevalpack_fix-java``. Where rows lie is no part of it."""
        values = [value for name, value in self.options.items() if name not in SOURCES]
        return "-".join([PurePath(self.evaluator).stem, *(re.sub(r"[^\w.]", "_", value) for value in values)])

    def with_defaults(self, **options: str) -> "Task":
        """The task with ``options`` as defaults: those that it has already win."""
        return Task(self.evaluator, {**options, **self.options})


def parse_task(text: str | Path) -> Task:
    """The task in ``NAME_OR_PATH`` or ``NAME_OR_PATH?option=value&option=value``. Raises ConfigError."""
    evaluator, _, query = str(text).partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise ConfigError(f"{text}: expected option=value after the question mark, found {query!r}") from None
    if len(dict(pairs)) < len(pairs):
        raise ConfigError(f"{text}: an option stands twice")
    return Task(evaluator, dict(pairs))

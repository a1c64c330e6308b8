"""Check a row's solution against its test: only if it passes does a failure count against a model."""

import re

from astraios_ray.evaluation.functional import self_running
from astraios_ray.python_syntax import NO_PYTHON
from astraios_ray.sandbox.protocol import FunctionCheck
from astraios_ray.tasks.perturbations.layout import tabbed
from astraios_ray.tasks.perturbations.row import CodeRow


def reference_of(row: CodeRow) -> str:
    """Prompt and solution as one program; where ReCode has tabs only in the prompt, both get tabs."""
    mixed = re.search(r"^\t", row.prompt, re.MULTILINE) and re.search(
        r"^ {4}", row.canonical_solution, re.MULTILINE
    )
    return row.prompt + (tabbed(row.canonical_solution) if mixed else row.canonical_solution)


def reference_check(row: CodeRow) -> FunctionCheck:
    """The row's own solution against its own test. Raises DataError when the test is no Python."""
    test = self_running(row.task_id, row.test, row.entry_point)
    return FunctionCheck(reference_of(row), row.entry_point, test, prelude_of(row))


def prelude_of(row: CodeRow) -> str:
    """The code before the asked function, whose names a test can use; empty when it is no Python."""
    function = re.search(rf"^def\s+{re.escape(row.entry_point)}\b", row.prompt, re.MULTILINE)
    return if_python(row.prompt[: function.start()] if function else "")


def if_python(text: str) -> str:
    """``text``, or empty when it is no Python: it can end inside a function or hold a NUL byte."""
    try:
        compile(text, "<prompt>", "exec")
    except NO_PYTHON:
        return ""
    return text

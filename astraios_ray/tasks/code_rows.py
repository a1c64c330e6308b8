"""Whether a row's own solution passes its own test: only then does a failure say something of a model."""

import re

from astraios_ray.evaluation.functional import self_running
from astraios_ray.sandbox.protocol import FunctionCheck
from astraios_ray.tasks.perturbations.layout import tabbed
from astraios_ray.tasks.perturbations.row import CodeRow


def reference_of(row: CodeRow) -> str:
    """Prompt and solution as one program. ReCode's rows with tabs in the prompt have none in the solution."""
    mixed = re.search(r"^\t", row.prompt, re.MULTILINE) and re.search(
        r"^ {4}", row.canonical_solution, re.MULTILINE
    )
    return row.prompt + (tabbed(row.canonical_solution) if mixed else row.canonical_solution)


def reference_check(row: CodeRow) -> FunctionCheck:
    """The row's own solution against its own test. Raises DataError when the test is no Python."""
    test = self_running(row.task_id, row.test, row.entry_point)
    return FunctionCheck(reference_of(row), row.entry_point, test, prelude_of(row))


def prelude_of(row: CodeRow) -> str:
    """What stands before the asked function, for the names that a test uses; nothing if it is no Python."""
    function = re.search(rf"^def\s+{re.escape(row.entry_point)}\b", row.prompt, re.MULTILINE)
    return if_python(row.prompt[: function.start()] if function else "")


def if_python(text: str) -> str:
    """``text``, or nothing where it is no Python: in the middle of a function, perturbed, with a NUL byte."""
    try:
        compile(text, "<prompt>", "exec")
    except (SyntaxError, ValueError):
        return ""
    return text

"""What evalplus writes around a task, and where an answer ends; BigCodeBench's harness has the same.

github.com/evalplus/evalplus (commit 26d6d00: codegen.py, provider/utility.py) and
github.com/bigcode-project/bigcodebench (provider/utility.py).
"""

from astraios_ray.tasks.answer_program import FENCE
from astraios_ray.tasks.prompt_forms import COMPLETE

INSTRUCTION = (
    "Please provide a self-contained Python script that solves the following problem in a markdown code "
    "block:"
)
ANSWER_START = (
    "Below is a Python script with a self-contained function that solves the problem and passes "
    "corresponding tests:\n```python"
)
NEXT_STATEMENTS = ("\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert ")
"""Strings that end the completion of a function."""
_STOP = ("\nif __name__", "\ndef main(", "\nprint(")


def stop_of(form: str, of_completions: tuple[str, ...]) -> tuple[str, ...]:
    """The strings that end an answer in this form of the prompt."""
    return (*_STOP, *(of_completions if form == COMPLETE else (FENCE,)))

"""What is taken of an answer as its program."""

import pytest

from astraios_ray.records import Completion
from astraios_ray.tasks.answer_program import needed_program, program_of

FUNCTION = "def f(x):\n    return g(x) + K\n"
REST = "import os\nK = 3\n\n\n@cache\ndef g(x): return x\n"


def test_imports_and_what_the_function_uses_are_kept() -> None:
    examples = "y = input()\nprint(f(3))\nassert f(2) == 6\nif __name__ == '__main__':\n    f(1)\n"
    other = "def unused():\n    return 1\n"
    kept = "import os\nK = 3\n@cache\ndef g(x): return x\n"
    assert needed_program(REST + FUNCTION + other + examples, "f") == kept + FUNCTION


@pytest.mark.parametrize(
    "end", ["print('a", "def h(:\n    pass\n", "        return (1,\n", "Done. It works!\n"]
)
def test_what_follows_a_mistake_is_left_out(end: str) -> None:
    assert needed_program(f"def f(x):\n    return x\n{end}", "f") == "def f(x):\n    return x\n"


@pytest.mark.parametrize("text", ["", "((((", "\0", "\ud800", "def other():\n    return 1\n", "no program."])
def test_a_text_without_the_function_stays_as_it_is(text: str) -> None:
    assert needed_program(text, "f") == text


def test_an_answer_that_begins_in_a_code_block_ends_with_the_block() -> None:
    answer = Completion("p", 4, "\ndef f():\n    return '```'\n```\nThis calls f:\n```python\nf()\n```\n")
    assert program_of(answer, "f", ["\n```"]) == Completion("p", 4, "def f():\n    return '```'\n", True)


@pytest.mark.parametrize("line_break", ["", "\n"])
def test_a_completion_goes_on_behind_its_prompt(line_break: str) -> None:
    prompt, rest = 'def f():\n    """One."""', "    return 1\n\ndef g():\n    return 2\n"
    program = program_of(Completion("p", 0, line_break + rest), "f", ["\ndef "], prompt)
    assert program.text == f"{prompt}\n    return 1\n"


def test_a_whole_program_stays_as_it_is() -> None:
    whole = Completion("p", 0, "def f(): ...\n```\nprint(1)", whole=True)
    assert program_of(whole, "f", ["\n```"]) is whole

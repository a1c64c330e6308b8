"""CRUXEval: its prompts, what is taken of an answer, and how predictions are checked.

Gu et al. 2024 (arXiv 2401.03065); prompts and cuts are those of github.com/facebookresearch/cruxeval (MIT):
prompts.py (direct), inference/tasks and evaluation/utils_general.py.
"""

from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.sandbox.protocol import FunctionCheck

OUTPUT, INPUT = "output", "input"
END_OF_ANSWER = "[/ANSWER]"
ANSWER_START = "[ANSWER]"

PROMPTS = {
    OUTPUT: """\
You are given a Python function and an assertion containing an input to the function. Complete the \
assertion with a literal (no unsimplified expressions, no function calls) containing the output when \
executing the provided code on the given input, even if the function is incorrect or incomplete. Do NOT \
output any extra information. Provide the full assertion with the correct output in [ANSWER] and \
[/ANSWER] tags, following the examples.

[PYTHON]
def f(n):
    return n
assert f(17) == ??
[/PYTHON]
[ANSWER]
assert f(17) == 17
[/ANSWER]

[PYTHON]
def f(s):
    return s + "a"
assert f("x9j") == ??
[/PYTHON]
[ANSWER]
assert f("x9j") == "x9ja"
[/ANSWER]

[PYTHON]
{code}
assert f({input}) == ??
[/PYTHON]""",
    INPUT: """\
You will be given a function f and an output in the form f(??) == output. Find any input such that \
executing f on the input leads to the given output. There may be multiple answers, but you should only \
output one. In [ANSWER] and [/ANSWER] tags, complete the assertion with one such input that will produce \
the output when executing the function.

[PYTHON]
def f(my_list):
    count = 0
    for i in my_list:
        if len(i) % 2 == 0:
            count += 1
    return count
assert f(??) == 3
[/PYTHON]
[ANSWER]
assert f(["mq", "px", "zy"]) == 3
[/ANSWER]

[PYTHON]
def f(s1, s2):
    return s1 + s2
assert f(??) == "banana"
[/PYTHON]
[ANSWER]
assert f("ba", "nana") == "banana"
[/ANSWER]

[PYTHON]
{code}
assert f(??) == {output}
[/PYTHON]""",
}

_OUTPUT_PROGRAM = """
def answer():
    return (lambda value, /: value)(
{prediction}
)
"""
_INPUT_PROGRAM = """
{code}

def _given(*arguments, **named):
    return arguments, named

def answer():
    return _given{arguments}
"""
_INPUT_TEST = "arguments, named = answer()\nassert f(*arguments, **named) == {output}\n"


def predicted_output(text: str) -> str:
    """What stands behind ``==`` in an answer."""
    answer = cut_at_stop(text, [END_OF_ANSWER])
    return (answer.partition("==")[2] if "==" in answer else answer).strip()


def predicted_input(text: str) -> str:
    """The call of f in an answer, which stands between ``assert`` and ``==``."""
    call = cut_at_stop(text, [END_OF_ANSWER]).partition("==")[0]
    return (call.partition("assert")[2] if "assert" in call else call).strip()


def output_check(prediction: str, output: str) -> FunctionCheck:
    """Compare a predicted output. It is evaluated without the function, so it cannot call it."""
    program = _OUTPUT_PROGRAM.format(prediction=prediction)
    return FunctionCheck(program, "answer", f"assert {output} == answer()\n")


def input_check(prediction: str, code: str, output: str) -> FunctionCheck:
    """Call the function with a predicted input.

    Only the arguments are evaluated beside the program, and the function itself beside the test. So an
    expression that equals the output but calls nothing does not pass.
    """
    arguments = prediction.removeprefix("f") if prediction.startswith("f(") else "[no call of f]"
    program = _INPUT_PROGRAM.format(code=code, arguments=arguments)
    return FunctionCheck(program, "answer", _INPUT_TEST.format(output=output), prelude=code)

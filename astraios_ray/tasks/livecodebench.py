"""LiveCodeBench: prompts, the program in an answer, and its tests.

Prompts, cuts, imports and rules of comparison are those of github.com/LiveCodeBench/LiveCodeBench (commit
28fef95: prompts/code_generation.py, utils/extraction_utils.py, evaluation/testing_util.py). The solved
example in front of a base model's question is this project's.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from astraios_ray.evaluation.references import limits_of
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, Execution, FunctionCheck, Limits, ProgramCheck, Sandbox
from astraios_ray.tasks.livecodebench_rows import LiveRow, LiveTest

SECONDS = 6  # of the CPU for each test
MEMORY_MIB = 1024  # AtCoder's limit

_SYSTEM = (
    "You are an expert Python programmer. You will be given a question (problem specification) and will "
    "generate a correct Python program that matches the specification and passes all tests."
)
_WITH_STARTER_CODE = (
    "You will use the following starter code to write the solution to the problem and enclose your code "
    "within delimiters."
)
_WITHOUT_STARTER_CODE = (
    "Read the inputs from stdin solve the problem and write the answer to stdout (do not directly test on "
    "the sample inputs). Enclose your code within delimiters as follows. Ensure that when the python program "
    "runs, it reads the inputs, runs the algorithm and writes output to STDOUT."
)
_EXAMPLE_OF_FUNCTION = """\
### Question
You are given an array of integers nums. Return the largest difference between two of its numbers.

Example 1:

Input: nums = [4,9,2]
Output: 7

### Starter Code
class Solution:
    def largestDifference(self, nums: List[int]) -> int:

### Answer

class Solution:
    def largestDifference(self, nums: List[int]) -> int:
        return max(nums) - min(nums)

"""
_EXAMPLE_OF_PROGRAM = """\
### Question
A shop sells n items. Print the price of all of them together.

Input

The first line has the number n of items. The second line has their n prices.

Output

The sum of the prices.

Example

Input
3
5 2 8

Output
15

### Answer

def main():
    input()
    print(sum(map(int, input().split())))


main()

"""
_STARRED = (
    *("string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics"),
    *("itertools", "functools", "operator", "io", "sys", "json"),
)
IMPORTS = "\n".join(
    [
        *(f"from {module} import *" for module in (*_STARRED, "builtins", "typing")),
        *(f"import {module}" for module in _STARRED),
        "sys.setrecursionlimit(50000)\n\n",
    ]
)
"""In front of every program, in the order of the original, as later modules hide names of earlier ones."""

_ENTRY = "astraios_entry"
_FUNCTION_TEST = """
import json
arguments = [json.loads(line) for line in {input!r}.split("\\n")]
right = json.loads({output!r})
answer = candidate(*arguments)
answer = list(answer) if isinstance(answer, tuple) else answer
assert answer == right, (str(answer)[:80], str(right)[:80])
"""


def question_of_chat(row: LiveRow) -> str:
    """The question for a model that was tuned: the text of the system and the generic template."""
    rule = _WITH_STARTER_CODE if row.starter_code else _WITHOUT_STARTER_CODE
    code = row.starter_code or "# YOUR CODE HERE"
    return (
        f"{_SYSTEM}\n\n### Question:\n{row.text}\n\n### Format: {rule}\n```python\n{code}\n```\n\n"
        "### Answer: (use the provided format with backticks)"
    )


def text_to_complete(row: LiveRow) -> str:
    """The text that a base model goes on with: a solved example, and the question."""
    starter_code = f"### Starter Code\n{row.starter_code}\n\n" if row.starter_code else ""
    example = _EXAMPLE_OF_FUNCTION if row.starter_code else _EXAMPLE_OF_PROGRAM
    return f"{example}### Question\n{row.text}\n\n{starter_code}### Answer"


def last_block(text: str) -> str:
    """The last code block that ends; empty without one."""
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if "```" in line]
    return "\n".join(lines[fences[-2] + 1 : fences[-1]]) if len(fences) > 1 else ""


def check_of(program: str, test: LiveTest, function: str) -> Check:
    """One test of a program: a call of its function, or its output for an input."""
    if not function:
        return ProgramCheck("python", IMPORTS + program, test.input, test.output, numbers=True)
    owner = "Solution()." if re.search(r"class\s+Solution\b", program) else ""
    source = f"{IMPORTS}{program}\n\n{_ENTRY} = {owner}{function}\n"
    return FunctionCheck(source, _ENTRY, _FUNCTION_TEST.format(input=test.input, output=test.output))


def judged(program: str, tests: Sequence[LiveTest], function: str, sandbox: Sandbox) -> Execution:
    """The end of the first test that a program does not pass, or of the last one."""
    end = Execution(Outcome.VACUOUS)
    for number, test in enumerate(tests, start=1):
        (end,) = sandbox.run_checks([check_of(program, test, function)], _limits(test))
        if end.outcome is not Outcome.PASSED:
            return replace(end, detail=f"test {number} of {len(tests)}: {end.detail}"[:300])
    return end


def _limits(test: LiveTest) -> Limits:
    limits = limits_of(SECONDS, MEMORY_MIB)
    return replace(limits, output_kib=max(limits.output_kib, 2 * len(test.output) >> 10))

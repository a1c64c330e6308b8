"""One small problem to perturb."""

from astraios_ray.tasks.perturbations.row import CodeRow

PROMPT = '''\
from typing import List


def count_above(numbers: List[int], limit: int) -> int:
    """ Count the numbers that are larger than the limit.
    Equal ones do not count.

    >>> count_above([1, 5, 7], 4)
    2
    """
'''
SOLUTION = """\
    found = 0
    for number in numbers:
        if number > limit:
            found += 1

    return found
"""
TEST = """\
def check(candidate):
    assert candidate([1, 5, 7], 4) == 2
    assert candidate([], 0) == 0
    assert candidate([3, 3], 3) == 0
"""
ROW = CodeRow("test/0", PROMPT, "count_above", SOLUTION, TEST)


def with_body(solution: str, *, signature: str = "f(xs)", doc: str = '"""Do it."""') -> CodeRow:
    """A row whose function has this body."""
    prompt = f"def {signature}:\n    {doc}\n"
    return CodeRow("test/1", prompt, signature.split("(")[0], solution, "def check(candidate):\n    pass\n")


def answer(row: CodeRow, call: str) -> object:
    """The result of a call of the row's reference."""
    names: dict[str, object] = {}
    exec(row.program, names)
    return eval(call, names)

"""The tests of HumanEval+ and MBPP+: each input against the reference's own output, by evalplus's rules.

The rules are those of evalplus/eval (commit 26d6d00). An answer equals the output, or is near to it: of the
same type and within ``atol`` beside 1e-7 of the value; 1e-6 is the tolerance of outputs that are floats, from
the first such output on. Some tasks accept other answers too. Unlike evalplus, NaN is near to NaN, lists
within lists are as long as the output's, and ``are_equivalent`` accepts the output and True, not everything.
"""

from collections.abc import Mapping, Sequence

from astraios_ray.tasks.evalplus_rows import Arguments, PlusRow

_EQUAL = "answer == right or tolerance and _is_near(answer, right, tolerance)"
_SAME_SET = "set(answer) == set(right)"
_SAME_PRESENCE = "(answer if isinstance(answer, bool) else answer is not None) == (right is not None)"
HUMAN_EVAL_RULES = {
    "find_zero": "abs(sum(part * answer ** n for n, part in enumerate(arguments[0]))) <= {atol}",
}
MBPP_RULES = {
    "are_equivalent": "answer == right or answer is True",
    "sum_div": "answer == right or answer == 0",
    "surface_Area": f"{_EQUAL} or abs(answer - _surface_area(*arguments)) <= {{atol}}",
    "digit_distance_nums": "answer == right or answer == _digit_distance(*arguments)",
    **dict.fromkeys(("check_str", "text_match_three", "text_starta_endb"), _SAME_PRESENCE),
    **dict.fromkeys(
        (
            *("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum"),
            *("intersection_array", "find_dissimilar", "Diff"),
        ),
        _SAME_SET,
    ),
}

_PRELUDE = """
from copy import deepcopy
from math import inf, nan, sqrt

REFERENCE, ENTRY_POINT = {program!r}, {entry_point!r}

def _is_near(answer, right, tolerance):
    return type(answer) is type(right) and _are_near(answer, right, tolerance)

def _are_near(answer, right, tolerance):
    if isinstance(right, (list, tuple)):
        return (isinstance(answer, (list, tuple)) and len(answer) == len(right)
                and all(_are_near(a, r, tolerance) for a, r in zip(answer, right)))
    if answer == right or right != right and answer != answer:
        return True
    numbers = (int, float, complex)
    return (isinstance(answer, numbers) and isinstance(right, numbers)
            and abs(answer - right) <= tolerance + 1e-7 * abs(right))

def _are_floats(right):
    parts = right if isinstance(right, (list, tuple)) and right else [right]
    return all(isinstance(part, float) for part in parts)

def _surface_area(edge, height):
    return round(edge ** 2 + 2 * edge * sqrt((edge / 2) ** 2 + height ** 2))

def _digit_distance(first, second):
    width = max(len(str(first)), len(str(second)))
    digits = zip(str(first).zfill(width), str(second).zfill(width))
    return sum(abs(int(one) - int(other)) for one, other in digits)

_reference = {{}}
exec(REFERENCE, _reference)
_reference = _reference[ENTRY_POINT]
"""
_TEST = """
tolerance = {atol}
for arguments in {inputs}:
    right = _reference(*deepcopy(arguments))
    answer = {entry_point}(*deepcopy(arguments))
    if not tolerance and _are_floats(right):
        tolerance = 1e-6
    assert {rule}, (arguments, answer, right)
"""


def prelude_of(row: PlusRow) -> str:
    """What the tests of a row need: its reference and the rules."""
    return _PRELUDE.format(program=row.program, entry_point=row.entry_point)


def test_of(row: PlusRow, inputs: Sequence[Arguments], rules: Mapping[str, str]) -> str:
    """The test of a row on some of its inputs; ``rules`` are those of its benchmark, by entry point."""
    rule = rules.get(row.entry_point, _EQUAL).format(atol=row.tolerance)
    return _TEST.format(atol=row.tolerance, inputs=list(inputs), entry_point=row.entry_point, rule=rule)

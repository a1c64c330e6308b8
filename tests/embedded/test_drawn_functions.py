import random

import pytest

from astraios_ray.embedded.drawn_functions import draw
from astraios_ray.embedded.families import FAMILIES, FunctionFamily


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_reserved_functions_never_do_what_the_others_do(family: FunctionFamily) -> None:
    rng = random.Random(0)
    reserved = {draw(family, rng, reserved=True).values for _ in range(300)}
    unreserved = {draw(family, rng, reserved=False).values for _ in range(300)}
    assert len(reserved) >= 10
    assert not reserved & unreserved


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_function_and_its_bugs_are_python(family: FunctionFamily) -> None:
    function = draw(family, random.Random(1), reserved=False)
    compile(function.source, "<function>", "exec")
    for bug in family.bugs:
        compile(f"{function.declaration}\n{function.indented(bug)}", "<bug>", "exec")


def test_the_generator_given_decides_and_the_global_one_is_left_alone() -> None:
    before = random.getstate()
    first = [draw(family, random.Random(7), reserved=False) for family in FAMILIES]
    second = [draw(family, random.Random(7), reserved=False) for family in FAMILIES]
    assert first == second
    assert random.getstate() == before

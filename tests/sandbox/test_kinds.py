"""Sources of every kind of check, up to the largest allowed size and beyond it."""

import shutil
from dataclasses import replace

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import Check, CompileCheck, FunctionCheck, JavaCheck, Limits, ProgramCheck

LIMITS = Limits(wall_seconds=30.0)
LARGEST = 1 << 20  # bytes
C = '#include <stdio.h>\nint main(void) { puts("9"); return 0; }\n//'
JAVA = "class Solution { int f(int x) { return x * x; } }\n//"
MAIN = "class Main { public static void main(String[] a) { assert new Solution().f(3) == 9; } }"
PRINTS = "class P { public static void main(String[] a) { System.out.println(9); } }\n//"
CHECKS: dict[str, Check] = {  # each passes, and ends with a comment
    "a Python function": FunctionCheck("def f(x): return x * x\n#", "f", "assert f(3) == 9"),
    "a Python program": ProgramCheck("python", "print(9)\n#", "", "9"),
    "a Python source": CompileCheck("python", "x = 9\n#"),
    "a C program": ProgramCheck("c", C, "", "9"),
    "a C source": CompileCheck("c", C),
    "a Java class": JavaCheck(JAVA, MAIN),
    "a Java program": ProgramCheck("java", PRINTS, "", "9"),
    "a Java source": CompileCheck("java", JAVA),
}


@pytest.fixture(params=CHECKS)
def check(request: pytest.FixtureRequest) -> Check:
    kind: str = request.param
    compiler = {"C": "gcc", "Java": "jlink"}.get(kind.split()[1])
    if compiler and shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    return CHECKS[kind]


@pytest.mark.parametrize("letter", ["a", "\U0001d4b3"])
def test_a_source_that_is_too_large_is_a_verdict_and_the_next_one_is_judged(
    sandbox: Bubblewrap, check: Check, letter: str
) -> None:
    room = LARGEST - len(check.source)
    fits = replace(check, source=check.source + letter * (room // len(letter.encode())))
    checks = [
        replace(check, source=check.source + letter * size) for size in (room + 1, LARGEST, 2 * LARGEST)
    ]
    ends = sandbox.run_checks([*checks, fits], LIMITS)
    assert [end.outcome for end in ends] == [Outcome.LOAD_ERROR] * 3 + [Outcome.PASSED]
    assert ends[0].detail.endswith(" bytes, at most 1048576 are run")

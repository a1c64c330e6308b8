"""Test whether a language works here, by one right and one wrong program."""

from dataclasses import replace

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import (
    Check,
    FunctionCheck,
    JavaCheck,
    Limits,
    ProgramCheck,
    Sandbox,
    UnitTestCheck,
)

_PYTHON = FunctionCheck("def twice(x):\n    return 2 * x\n", "twice", "assert twice(4) == 8")
_C = ProgramCheck(
    "c",
    '#include <stdio.h>\nint main(void) { int x; scanf("%d", &x); printf("%d", 2 * x); return 0; }',
    stdin="4",
    expected="8",
)
_JAVA = JavaCheck(
    "class Solution { int twice(int x) { return 2 * x; } }",
    "class Main { public static void main(String[] a) { assert new Solution().twice(4) == 8; } }",
)
_CPP = UnitTestCheck(
    "cpp", "int twice(int x) { return 2 * x; }", "int twice(int x)", "int main() { assert(twice(4) == 8); }"
)
_JS = UnitTestCheck(
    "js", "const twice = (x) => 2 * x;", "const twice = (x)", "console.assert(twice(4) === 8);"
)
_GO = UnitTestCheck(
    "go",
    "package main\nfunc Twice(x int) int { return 2 * x }\n",
    "func Twice(x int) int",
    'package main\nimport "testing"\nfunc TestTwice(t *testing.T) { if Twice(4) != 8 { t.Fail() } }\n',
)
_RUST = UnitTestCheck(
    "rust",
    "fn twice(x: i32) -> i32 { 2 * x }",
    "twice(x: i32) -> i32",
    "#[test] fn doubles() { assert_eq!(twice(4), 8); }",
)
PAIRS: dict[str, tuple[Check, Check]] = {
    "python": (_PYTHON, replace(_PYTHON, source=_PYTHON.source.replace("2 *", "3 *"))),
    "c": (_C, replace(_C, source=_C.source.replace("2 *", "3 *"))),
    "java": (_JAVA, replace(_JAVA, source=_JAVA.source.replace("2 *", "3 *"))),
    **{
        check.language: (check, replace(check, source=check.source.replace("2 *", "3 *")))
        for check in (_CPP, _JS, _GO, _RUST)
    },
}


def check_language(sandbox: Sandbox, language: str) -> None:
    """Judge both programs. Raises SandboxUnavailable, which names what is missing or the wrong outcomes."""
    try:
        ends = sandbox.run_checks(PAIRS[language], Limits(wall_seconds=30.0))
    except SandboxError as error:
        raise SandboxUnavailable(str(error)) from error
    if [end.outcome for end in ends] != [Outcome.PASSED, Outcome.FAILED]:
        judgements = "; ".join(f"{end.outcome} ({end.detail})" if end.detail else end.outcome for end in ends)
        raise SandboxUnavailable(
            f"{language}: a right and a wrong program were judged {judgements} instead of passed and failed."
        )

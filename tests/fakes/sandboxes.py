"""Sandboxes for tests of what is above them. They isolate nothing and run only programs of the tests."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.records import Outcome, Value
from astraios_ray.sandbox.protocol import Check, Execution, FunctionCheck, JavaCheck, Limits, ProgramCheck


@dataclass
class TrustingSandbox:
    """Runs a program in this process. Counts what it was given."""

    seen: list[Check] = field(default_factory=list)

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        self.seen += checks
        return [_run(check) for check in checks]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "trusting", "level": 0, "policy": "none"}


@dataclass
class BreakingSandbox:
    """Breaks the first ``times`` times, then works."""

    times: int

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        self.times -= 1
        if self.times >= 0:
            raise SandboxError("worn out")
        return [_run(check) for check in checks]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "breaking", "level": 0, "policy": "none"}


@dataclass
class OpenAir:
    """Compiles and runs C and Java programs of the tests in ``folder``, with nothing around them."""

    folder: Path

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        return [self._run(check) for check in checks]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "open air", "level": 0, "policy": "none"}

    def _run(self, check: Check) -> Execution:
        stdin, expected = "", ""
        if isinstance(check, JavaCheck):
            sources = {"Solution.java": check.source, "Main.java": check.test}
            compiler, program = ["javac", *sources], ["java", "Main"]
        else:
            assert isinstance(check, ProgramCheck)
            sources, stdin, expected = {"a.c": check.source}, check.stdin, check.expected
            compiler, program = ["gcc", "a.c", "-lm", "-o", "a"], ["./a"]
        for name, source in sources.items():
            (self.folder / name).write_text(source)
        self._do(compiler)
        process = self._do(program, stdin)
        passed = process.returncode == 0 and process.stdout.strip() == expected
        return Execution(Outcome.PASSED if passed else Outcome.FAILED, process.stderr)

    def _do(self, command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )


def _run(check: Check) -> Execution:
    assert isinstance(check, FunctionCheck)
    calls: list[object] = []
    solution: dict[str, object] = {}
    names: dict[str, object] = {}
    try:
        test = compile(f"{check.prelude}\n{check.test}", "<test>", "exec")
    except SyntaxError as error:
        raise DataError(f"A test cannot be run: {error}.") from error
    try:
        exec(check.source, solution)
    except BaseException as error:  # the program's own
        return Execution(Outcome.LOAD_ERROR, repr(error))
    function = solution.get(check.entry_point)
    if not callable(function):
        return Execution(Outcome.NO_ENTRY)

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return function(*arguments)

    names[check.entry_point] = names["candidate"] = counted
    try:
        exec(test, names)
    except AssertionError as error:
        return Execution(Outcome.FAILED, repr(error))
    except Exception as error:  # the program's own
        return Execution(Outcome.RUNTIME_ERROR, repr(error))
    return Execution(Outcome.PASSED if calls else Outcome.VACUOUS)

"""A sandbox that compiles nothing and gives the answers that a test defines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from astraios_ray.records import Outcome, Value
from astraios_ray.sandbox.protocol import Check, CompileCheck, Execution, Limits


def takes_all_but_broken(check: CompileCheck) -> Execution:
    if "broken" in check.source:
        return Execution(Outcome.COMPILE_ERROR, "error: broken")
    return Execution(Outcome.PASSED)


@dataclass
class FakeCompiler:
    answer: Callable[[CompileCheck], Execution] = takes_all_but_broken
    checks: list[CompileCheck] = field(default_factory=list)

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        compile_checks = [check for check in checks if isinstance(check, CompileCheck)]
        assert len(compile_checks) == len(checks)
        self.checks += compile_checks
        return [self.answer(check) for check in compile_checks]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "fake compiler", "level": 0, "policy": "none"}

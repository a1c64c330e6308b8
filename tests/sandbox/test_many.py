"""Many checks at a time: in order, equal checks once, and again after a broken sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox.many import ATTEMPTS, check_many
from astraios_ray.sandbox.protocol import Check, Execution, FunctionCheck, Limits
from tests.fakes.sandboxes import BreakingSandbox, TrustingSandbox

RIGHT = FunctionCheck("def f(x): return x", "f", "assert f(3) == 3")
WRONG = FunctionCheck("def f(x): return 0", "f", "assert f(3) == 3")


def outcomes(sandbox: TrustingSandbox | BreakingSandbox, *checks: FunctionCheck) -> list[Outcome]:
    return [end.outcome for end in check_many(sandbox, checks, jobs=2)]


def test_ends_come_in_the_order_of_their_checks() -> None:
    assert outcomes(TrustingSandbox(), RIGHT, WRONG, RIGHT) == [
        Outcome.PASSED,
        Outcome.FAILED,
        Outcome.PASSED,
    ]


def test_equal_programs_run_once() -> None:
    sandbox = TrustingSandbox()
    outcomes(sandbox, RIGHT, WRONG, RIGHT, RIGHT)
    assert len(sandbox.seen) == 2


def test_a_sandbox_that_breaks_is_tried_again() -> None:
    assert outcomes(BreakingSandbox(times=ATTEMPTS - 1), RIGHT) == [Outcome.PASSED]


def test_a_sandbox_that_keeps_breaking_gives_no_verdict() -> None:
    (end,) = check_many(BreakingSandbox(times=ATTEMPTS), [WRONG], jobs=1)
    assert (end.outcome, end.detail) == (Outcome.UNSCORED, "worn out")


@dataclass
class BreakingForOne(TrustingSandbox):
    """Breaks only at wrong programs."""

    tried: list[FunctionCheck] = field(default_factory=list)

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        if WRONG in checks:
            raise SandboxError("worn out")
        return super().run_checks(checks, limits)


def test_one_program_that_breaks_the_sandbox_takes_no_other_along() -> None:
    ends = outcomes(BreakingForOne(), RIGHT, WRONG, RIGHT)
    assert ends == [Outcome.PASSED, Outcome.UNSCORED, Outcome.PASSED]

"""The self-test tells a working language from one that judges wrongly or is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.records import Outcome, Value
from astraios_ray.sandbox.protocol import LANGUAGES, Check, Execution, Limits
from astraios_ray.sandbox.self_test import PAIRS, check_language


@dataclass
class FixedOutcomes:
    """Ends every pair with these outcomes, or breaks when there are none."""

    outcomes: tuple[Outcome, ...]

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        if not self.outcomes:
            raise SandboxError("no such namespace")
        return [Execution(outcome, "so") for outcome in self.outcomes]

    def check(self) -> None:
        """Nothing is missing."""

    def describe(self) -> Mapping[str, Value]:
        return {"kind": "saying", "level": 0, "policy": "none"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_right_and_a_wrong_program_told_apart_are_enough(language: str) -> None:
    assert PAIRS[language][0] != PAIRS[language][1]
    check_language(FixedOutcomes((Outcome.PASSED, Outcome.FAILED)), language)


@pytest.mark.parametrize("first", [Outcome.PASSED, Outcome.FAILED, Outcome.CRASH])
def test_anything_else_is_told_with_what_was_judged(first: Outcome) -> None:
    second = Outcome.PASSED if first is Outcome.PASSED else Outcome.FAILED
    with pytest.raises(SandboxUnavailable, match=f"java: .* judged {first} .so.; {second}"):
        check_language(FixedOutcomes((first, second)), "java")


def test_a_sandbox_that_breaks_is_not_available() -> None:
    with pytest.raises(SandboxUnavailable, match="no such namespace"):
        check_language(FixedOutcomes(()), "c")

"""Honest programs are judged as one process would judge them."""

from dataclasses import replace

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import FunctionCheck, Limits
from tests.sandbox.honest import RIGHT, UNSUPPORTED, WRONG, Honest, read

LIMITS = Limits(wall_seconds=60.0, cpu_seconds=10)


def one_process(honest: Honest) -> None:
    names: dict[str, object] = {"__name__": "one"}
    exec(honest.program, names)
    exec(honest.test, names)


def check(honest: Honest) -> FunctionCheck:
    return FunctionCheck(honest.program, "f", honest.test)


def test_right_programs_pass_as_they_do_in_one_process(sandbox: Bubblewrap) -> None:
    programs = read(RIGHT)
    assert len(programs) >= 60
    for program in programs:
        if "many digits" not in program.name:  # Python limits them, the jail does not
            one_process(program)
    ends = sandbox.run_checks([check(program) for program in programs], LIMITS)
    refused = {
        str(p): end for p, end in zip(programs, ends, strict=True) if end.outcome is not Outcome.PASSED
    }
    assert refused == {}


def test_wrong_programs_fail_as_they_do_in_one_process(sandbox: Bubblewrap) -> None:
    programs = read(WRONG)
    for program in programs:
        with pytest.raises((AssertionError, KeyError)):
            one_process(program)
    ends = sandbox.run_checks([check(program) for program in programs], LIMITS)
    wrong = {str(p): end for p, end in zip(programs, ends, strict=True) if end.outcome is not Outcome.FAILED}
    assert wrong == {}


def test_what_cannot_cross_is_a_verdict_of_its_own_and_passes_in_one_process(sandbox: Bubblewrap) -> None:
    programs = read(UNSUPPORTED)
    for program in programs:
        one_process(program)
    ends = sandbox.run_checks([check(program) for program in programs], LIMITS)
    other = {str(p): end for p, end in zip(programs, ends, strict=True)}
    assert {name: end for name, end in other.items() if end.outcome is not Outcome.UNSUPPORTED_VALUE} == {}
    together = sandbox.run_checks([replace(check(program), one_process=True) for program in programs], LIMITS)
    assert {end.outcome for end in together} == {Outcome.PASSED}

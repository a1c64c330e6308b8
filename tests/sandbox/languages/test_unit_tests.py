"""Functions of every language that is judged by unit tests: verdicts, values that cross, broken tests."""

import re
from dataclasses import replace

import pytest

from astraios_ray.errors import DataError, SandboxError, SandboxUnavailable
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.languages import unit_tests
from astraios_ray.sandbox.languages.unit_tested import UNIT_TESTED
from astraios_ray.sandbox.programs import JobResult
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.self_test import PAIRS
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces
from tests.sandbox.languages.toolchains import EACH, PROGRAMS
from tests.sandbox.languages.values import VALUES

LIMITS = Limits(wall_seconds=60.0)
VACUOUS = {
    "cpp": "int main() { }",
    "js": "const nothing = 0;",
    "go": 'package main\nimport "testing"\nfunc TestNothing(t *testing.T) {}\n',
    "rust": "#[test] fn nothing() { }",
}
BROKEN = {
    "cpp": "int main() { assert(thrice(4) == 8); }",
    "js": "console.assert(twice(4 === 8);",
    "go": 'package main\nimport "testing"\nfunc TestTwice(t *testing.T) { Thrice(4) }\n',
    "rust": "#[test] fn doubles() { assert_eq!(thrice(4), 8); }",
}


def right(language: str) -> UnitTestCheck:
    check = PAIRS[language][0]
    assert isinstance(check, UnitTestCheck)
    return check


def test_each_language_has_a_toolchain_in_these_tests() -> None:
    assert set(PROGRAMS) == set(UNIT_TESTED)


@pytest.mark.parametrize("language", EACH)
def test_right_wrong_and_untested_functions_are_told_apart(language: str, sandbox: Bubblewrap) -> None:
    checks = [*PAIRS[language], replace(right(language), test=VACUOUS[language])]
    ends = sandbox.run_checks(checks, LIMITS)
    assert [end.outcome for end in ends] == [Outcome.PASSED, Outcome.FAILED, Outcome.VACUOUS], ends


@pytest.mark.parametrize("language", EACH)
def test_values_of_many_types_cross_the_wall_both_ways(language: str, sandbox: Bubblewrap) -> None:
    for check in VALUES[language]:
        (end,) = sandbox.run_checks([check], LIMITS)
        assert end.outcome is Outcome.PASSED, (check.signature, end)


@pytest.mark.parametrize("language", [param for param in EACH if param.id != "js"])
def test_a_test_that_does_not_compile_is_an_error_of_its_data(language: str, sandbox: Bubblewrap) -> None:
    with pytest.raises(DataError, match=r"A test or its prelude cannot be run: .*[tT]hrice"):
        sandbox.run_checks([replace(right(language), test=BROKEN[language])], LIMITS)


@pytest.mark.parametrize("language", EACH)
def test_a_signature_of_another_language_is_refused(language: str, sandbox: Bubblewrap) -> None:
    with pytest.raises(DataError, match=r"signature 'def f\[x\]:': expected an? .* function, as `"):
        sandbox.run_checks([replace(right(language), signature="def f[x]:")], LIMITS)


@pytest.mark.parametrize("language", EACH)
def test_a_test_is_compiled_once_for_all_its_programs(
    language: str, sandbox: Bubblewrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_tests._tests.clear()
    half = UNIT_TESTED[language].test_half
    compiled: list[UnitTestCheck] = []

    def counted(self: object, check: UnitTestCheck) -> object:
        compiled.append(check)
        return half(check)

    monkeypatch.setattr(type(UNIT_TESTED[language]), "test_half", counted)
    sandbox.run_checks(PAIRS[language], LIMITS)
    assert len(compiled) == 1


@pytest.mark.parametrize("language", sorted(PROGRAMS))
def test_a_machine_without_the_compiler_names_its_package(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if language == "rust":
        monkeypatch.setattr("astraios_ray.sandbox.languages.rust._DEBIAN", "/nowhere/rustc")
    monkeypatch.setattr("shutil.which", lambda name: None if name == PROGRAMS[language] else f"/bin/{name}")
    module = __import__(f"astraios_ray.sandbox.languages.{language}", fromlist=["PACKAGES"])
    for cached in vars(module).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()
    with pytest.raises(
        SandboxUnavailable, match=rf"{re.escape(PROGRAMS[language])} is missing: `apt-get install "
    ):
        UNIT_TESTED[language].compiler_root(())


def test_below_level_3_they_are_not_judged() -> None:
    with pytest.raises(SandboxUnavailable, match="Only Python is judged below level 3"):
        WithoutNamespaces(level=1).run_checks([right("js")], LIMITS)


def ended(status: int | None, errors: bytes = b"", cut: str = "") -> JobResult:
    return JobResult(status, cut, b"", errors, 0.1, 0.1)


def exited(status: int, errors: bytes = b"") -> JobResult:
    return ended(status << 8, errors)


@pytest.mark.parametrize(
    ("result", "report"),
    [
        (exited(0), ("passed", "")),
        (exited(10, b"not equal\n"), ("failed", "not equal")),
        (exited(101, b"panicked\n"), ("failed", "panicked")),
        (exited(11, b"Error: no\n"), ("runtime_error", "Error: no")),
        (exited(11, b"std::bad_alloc\n"), ("memory", "std::bad_alloc")),
        (exited(13, b"gone\n"), ("early_exit", "gone")),
        (ended(6, b"Assertion failed\n"), ("failed", "Assertion failed")),
        (ended(9), ("checker_died", "")),
        (ended(None, cut="timeout"), ("timeout", "")),
    ],
)
def test_the_end_of_a_test_says_how_its_function_did(result: JobResult, report: tuple[str, str]) -> None:
    assert unit_tests._report(result) == report


def test_a_test_that_cannot_be_started_is_no_verdict() -> None:
    with pytest.raises(SandboxError, match="status 127: error while loading shared libraries"):
        unit_tests._report(exited(127, b"error while loading shared libraries\n"))

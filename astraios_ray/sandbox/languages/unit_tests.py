"""Judge a function by its unit test: two programs in two jails, joined by a socket that carries values."""

import socket
import threading
from collections import OrderedDict
from dataclasses import replace

from astraios_ray.errors import SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox import compiled
from astraios_ray.sandbox.languages import language as ends
from astraios_ray.sandbox.languages.language import Half, Language
from astraios_ray.sandbox.lending import Lend
from astraios_ray.sandbox.printed import last_line
from astraios_ray.sandbox.programs import JobResult, run_job, start_behind
from astraios_ray.sandbox.protocol import Execution, Limits, UnitTestCheck
from astraios_ray.sandbox.verdict import Ending, by_signal, execution
from astraios_ray.sandbox.warm_jail import WarmJail

_GRACE = 1.0  # seconds to reap a dying function, so that its own end is known
_MOST_TESTS = 16  # that are kept compiled; programs of one problem are judged one after another
_TRUSTED = 10  # the compiler of a test gets so many times the limits of other compilers
_REPORTS = {
    0: "passed",
    ends.RAISED: "runtime_error",
    ends.VACUOUS: "vacuous",
    ends.GONE: "early_exit",
    ends.PROTOCOL: "protocol",
    ends.LOAD_ERROR: "load_error",
    ends.NO_ENTRY: "no_entry",
}
_FAILING = (*range(1, 11), 101)  # statuses of failed tests, from ``return 1`` in C++ to Rust's 101
_OUT_OF_MEMORY = ("std::bad_alloc", "St9bad_alloc")

_tests: OrderedDict[UnitTestCheck, bytes] = OrderedDict()
_lock = threading.Lock()


def check_unit_test(language: Language, check: UnitTestCheck, limits: Limits, lend: Lend) -> Execution:
    """Judge one function. Raises SandboxError when a jail breaks, DataError when the test is broken."""
    test = _compiled_test(language, check, limits, lend)
    end, function = _compiled(language, language.function_half(check), language.compiler_limits(limits), lend)
    if end.outcome is not Outcome.PASSED:
        return end
    of_program = language.program_limits(limits)
    with lend(WarmJail, language.program_root) as trusted, lend(WarmJail, language.program_root) as untrusted:
        near, far = socket.socketpair()
        with near, far:
            start_behind(far, untrusted, language.job(function, limits), of_program)
            result = run_job(trusted, language.job(test, limits), of_program, [near])
        report, detail = _report(result)
        ((status, cpu_seconds),) = untrusted.end(_GRACE if report == "early_exit" else 0.0)
    ending = Ending(
        report, detail, status, result.status, result.wall_seconds, cpu_seconds, result.cpu_seconds
    )
    return execution(ending, limits)


def _report(result: JobResult) -> tuple[str, str]:
    """What the process of the test says by its end, and the last line of its errors."""
    if result.cut == "timeout":
        return "timeout", ""
    if result.cut == "output":
        return "failed", "the test printed without end"
    status, detail = result.exit_status, last_line(result.stderr)
    if status is None and by_signal(result.status) == 9:  # SIGKILL: its limits, or the kernel's memory
        return "checker_died", ""
    if status is None or status in _FAILING:
        return "failed", detail
    if status not in _REPORTS:
        raise SandboxError(f"The process of a test ended with status {status}: {detail}.")
    if status == ends.RAISED and detail.startswith(_OUT_OF_MEMORY):
        return "memory", detail
    return _REPORTS[status], "" if status == 0 else detail


def _compiled_test(language: Language, check: UnitTestCheck, limits: Limits, lend: Lend) -> bytes:
    """The program of the test, compiled once for all functions that it judges."""
    key = replace(check, source="")
    with _lock:
        if key in _tests:
            _tests.move_to_end(key)
            return _tests[key]
    generous = language.compiler_limits(limits)
    generous = replace(
        generous,
        cpu_seconds=_TRUSTED * generous.cpu_seconds,
        wall_seconds=_TRUSTED * generous.wall_seconds,
    )
    end, program = _compiled(language, language.test_half(check), generous, lend)
    if end.outcome is not Outcome.PASSED:
        if end.detail.startswith("the compiler was stopped"):
            raise SandboxError(f"A test in {language.name} was not compiled: {end.detail}.")
        execution(Ending("broken_test", end.detail, None, None, 0.0, 0.0), limits)  # raises DataError
    with _lock:
        _tests[key] = program
        while len(_tests) > _MOST_TESTS:
            _tests.popitem(last=False)
    return program


def _compiled(language: Language, half: Half, limits: Limits, lend: Lend) -> tuple[Execution, bytes]:
    """How the compilers ended, and the program."""
    if not half.commands:
        return Execution(Outcome.PASSED), half.packed()
    with lend(WarmJail, language.compiler_root) as jail:
        result = run_job(jail, half.compile_job(), limits)
    return compiled.judged(result, limits), result.stdout

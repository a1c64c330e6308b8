"""Judge each kind of check, in jails that a pool lends."""

import time

from astraios_ray.errors import DataError, SandboxError
from astraios_ray.records import Outcome
from astraios_ray.sandbox import compiled, printed
from astraios_ray.sandbox.c import LINKED, compile_job, compiling, run_job_of
from astraios_ray.sandbox.function_checks import check_function
from astraios_ray.sandbox.java import check_java, java_limits, not_compiled, program_job
from astraios_ray.sandbox.java_host import JavaHost, NotCompiled
from astraios_ray.sandbox.java_image import image_root, jdk_root
from astraios_ray.sandbox.languages.unit_tested import UNIT_TESTED
from astraios_ray.sandbox.languages.unit_tests import check_unit_test
from astraios_ray.sandbox.lending import FindRoot, Lend
from astraios_ray.sandbox.one_process import check_in_one_process
from astraios_ray.sandbox.programs import Job, JobResult, run_job
from astraios_ray.sandbox.protocol import (
    LANGUAGES,
    Check,
    CompileCheck,
    Execution,
    FunctionCheck,
    JavaCheck,
    Limits,
    ProgramCheck,
    UnitTestCheck,
)
from astraios_ray.sandbox.roots import python_root, toolchain_root
from astraios_ray.sandbox.warm_jail import WarmJail

_MAX_SOURCE = 1 << 20  # bytes of one program in UTF-8


def judged(check: Check, limits: Limits, lend: Lend) -> Execution:
    """How ``check`` ended. Raises the errors of Sandbox.run_checks."""
    try:
        return _judged(check, limits, lend)
    except OSError as error:  # no descriptor, process or memory for the jail
        raise SandboxError(f"This machine could not run a check: {error}.") from error


def _judged(check: Check, limits: Limits, lend: Lend) -> Execution:
    if (size := len(check.source.encode(errors="surrogatepass"))) > _MAX_SOURCE:
        return Execution(Outcome.LOAD_ERROR, f"a program of {size} bytes, at most {_MAX_SOURCE} are run")
    match check:
        case FunctionCheck(one_process=True):
            with lend(WarmJail, python_root, check.warm) as jail:
                return check_in_one_process(jail, check, limits)
        case FunctionCheck():
            with lend(WarmJail, python_root, check.warm) as jail:
                return check_function(jail, check, limits)
        case JavaCheck():
            with lend(JavaHost, jdk_root) as host, lend(WarmJail, image_root) as jail:
                return check_java(host, jail, check, limits)
        case UnitTestCheck(language=language) if language in UNIT_TESTED:
            return check_unit_test(UNIT_TESTED[language], check, limits, lend)
        case ProgramCheck(language="python"):
            job = Job("python", check.source.encode(errors="replace"), check.stdin.encode())
            return printed.judged(_run(lend, python_root, job, limits), check, limits)
        case ProgramCheck(language="c"):
            return _c_program(check, limits, lend)
        case ProgramCheck(language="java"):
            return _java_program(check, limits, lend)
        case CompileCheck(language="python"):
            job = Job("syntax", check.source.encode(errors="replace"))
            return compiled.judged(_run(lend, python_root, job, limits), limits)
        case CompileCheck(language="c"):
            return compiled.judged(_compile_c(check, compiling(limits), lend), compiling(limits))
        case CompileCheck(language="java"):
            return _compile_java("K", check.source, lend)[0]
    raise DataError(f"No language {check.language!r}: expected one of {', '.join(LANGUAGES)}.")


def _c_program(check: ProgramCheck, limits: Limits, lend: Lend) -> Execution:
    binary = _compile_c(CompileCheck("c", check.source), compiling(limits), lend)
    end = compiled.judged(binary, compiling(limits))
    if end.outcome is not Outcome.PASSED:
        return end
    result = _run(lend, python_root, run_job_of(binary.stdout, check.stdin), limits)
    return printed.judged(result, check, limits)


def _java_program(check: ProgramCheck, limits: Limits, lend: Lend) -> Execution:
    end, classes = _compile_java("P", check.source, lend)
    if end.outcome is not Outcome.PASSED:
        return end
    job = program_job(classes, check.stdin, limits)
    return printed.judged(_run(lend, image_root, job, java_limits(limits)), check, limits)


def _compile_c(check: CompileCheck, limits: Limits, lend: Lend) -> JobResult:
    return _run(lend, toolchain_root, compile_job(check.source, check.flags or LINKED), limits)


def _compile_java(letter: str, source: str, lend: Lend) -> tuple[Execution, bytes]:
    start = time.monotonic()
    with lend(JavaHost, jdk_root) as host:
        try:
            classes = host.compiled(letter, source)
        except NotCompiled as refused:
            return not_compiled(refused, time.monotonic() - start), b""
    return Execution(Outcome.PASSED, "", time.monotonic() - start), classes


def _run(lend: Lend, root: FindRoot, job: Job, limits: Limits) -> JobResult:
    with lend(WarmJail, root) as jail:
        return run_job(jail, job, limits)

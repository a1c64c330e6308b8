"""One whole program in a confined process: Python that runs here, or a binary that replaces the process.

The process has standard input, output and error of its own. The program arrives on a descriptor that is read
here, after the fork, so it is never in the zygote's memory.
"""

import atexit
import gc
import io
import os
import subprocess
import sys
import threading
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from astraios_ray.sandbox.jail.wire import loads

NO_COMPILE = 101  # the exit status of a compiler's driver when the compiler refused the source
THEN = "&&"  # between two commands of compilers
_MOST_BINARY = 16 << 20  # bytes


def serve_program(
    descriptors: Sequence[int], how: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Run the program. ``descriptors`` are standard input, output and error, a wall if any, the payload."""
    *standard, payload = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    _HOW[how](payload, list(arguments), dict(environment))
    os._exit(0)


def _python(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Run Python source like ``python program``, in a process with preloaded modules."""
    source = _read(payload)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    errors = io.BufferedWriter(io.FileIO(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(errors, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sys.argv = ["program"]
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    status = _status_of(lambda: exec(compile(source, "<program>", "exec"), module.__dict__))
    _finish(module)
    flushed = _status_of(lambda: (sys.stdout.flush(), sys.stderr.flush()))
    os._exit(flushed or status)


def _finish(module: types.ModuleType) -> None:
    """What Python does at its end: wait for threads, call what was registered, end what is left."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    module.__dict__.clear()
    gc.collect()


def _status_of(work: Callable[[], object]) -> int:
    try:
        work()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException:  # of the program
        traceback.print_exc()
        return 1
    return 0


def _syntax(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Compile Python and run nothing."""
    try:
        compile(_read(payload), "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace")[:4000])
        os._exit(NO_COMPILE)


def _binary(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Execute the payload in place of this process."""
    os.execve(payload, arguments, environment)


def _installed(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Write the payload's files into /tmp, then execute a program of the jail in place of this process."""
    _write_files(loads(_read(payload)))
    os.execve(arguments[0], arguments, environment)


def _compiler(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Run compilers on the payload's files, and copy their /tmp/out, if any, to standard output.

    ``arguments`` are one command, or several with THEN between any two.
    """
    _write_files(loads(_read(payload)))
    while arguments:
        end = arguments.index(THEN) if THEN in arguments else len(arguments)
        command, arguments = arguments[:end], arguments[end + 1 :]
        process = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=2, check=False)
        if process.returncode:
            os._exit(NO_COMPILE)
    try:  # accept only a plain file of bounded size, since the source can influence the compiler
        binary = os.open("/tmp/out", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with open(binary, "rb") as file:
        content = file.read(_MOST_BINARY + 1)
    if len(content) > _MOST_BINARY:
        os.write(2, f"a binary of more than {_MOST_BINARY >> 20} MiB".encode())
        os._exit(NO_COMPILE)
    with open(1, "wb", closefd=False) as out:
        out.write(content)


_HOW: dict[str, Callable[[int, list[str], dict[str, str]], None]] = {
    "python": _python,
    "syntax": _syntax,
    "binary": _binary,
    "installed": _installed,
    "compiler": _compiler,
}


def _read(payload: int) -> bytes:
    with open(payload, "rb") as file:
        return file.read()


def _write_files(files: Any) -> None:
    for name, content in files.items():
        os.makedirs(os.path.dirname(f"/tmp/{name}"), exist_ok=True)
        with open(f"/tmp/{name}", "xb") as file:
            file.write(content)

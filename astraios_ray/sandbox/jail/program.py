"""One whole program in a confined process: Python that is run here, or what takes its place.

It has standard input, output and error of its own; what it is to run arrives on a descriptor that is read
here, after the fork, so that it never is in the zygote's memory.
"""

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

NO_COMPILE = 101  # the exit status of a compiler's driver when the compiler said no
_MOST_BINARY = 16 << 20  # bytes


def serve_program(
    descriptors: Sequence[int], how: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Run it. ``descriptors``: standard input, output and error, and the payload."""
    *standard, payload = descriptors
    for number, descriptor in enumerate(standard):
        os.dup2(descriptor, number)
        os.close(descriptor)
    _HOW[how](payload, list(arguments), dict(environment))
    os._exit(0)


def _python(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Like ``python program``, in a process that has its modules loaded already."""
    source = _read(payload)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    errors = io.BufferedWriter(io.FileIO(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(errors, encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sys.argv = ["program"]
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    status = _status_of(lambda: exec(compile(source, "<program>", "exec"), module.__dict__))
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    flushed = _status_of(lambda: (sys.stdout.flush(), sys.stderr.flush()))
    os._exit(flushed or status)


def _status_of(work: Callable[[], object]) -> int:
    try:
        work()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        sys.stderr.write(f"{error.code}\n")
        return 1
    except BaseException:  # the program's own
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
    """The payload takes this process's place."""
    os.execve(payload, arguments, environment)


def _installed(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """The payload's files are put into /tmp, then a program of the jail takes this process's place."""
    _put(loads(_read(payload)))
    os.execve(arguments[0], arguments, environment)


def _compiler(payload: int, arguments: list[str], environment: dict[str, str]) -> None:
    """Run a compiler over the payload's files; /tmp/out, when it makes one, goes to standard output."""
    _put(loads(_read(payload)))
    done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=2, check=False)
    if done.returncode:
        os._exit(NO_COMPILE)
    try:  # whatever the source made the compiler do: a plain file, not a link, of bounded size
        made = os.open("/tmp/out", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    with open(made, "rb") as file:
        whole = file.read(_MOST_BINARY + 1)
    if len(whole) > _MOST_BINARY:
        os.write(2, f"a binary of more than {_MOST_BINARY >> 20} MiB".encode())
        os._exit(NO_COMPILE)
    with open(1, "wb", closefd=False) as out:
        out.write(whole)


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


def _put(files: Any) -> None:
    for name, content in files.items():
        os.makedirs(os.path.dirname(f"/tmp/{name}"), exist_ok=True)
        with open(f"/tmp/{name}", "xb") as file:
            file.write(content)

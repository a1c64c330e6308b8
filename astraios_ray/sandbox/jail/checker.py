"""The trusted process: runs the test on a proxy of the untrusted function, and reports the result."""

import builtins
import os
from collections.abc import Callable
from socket import socket
from typing import Any, NoReturn

from astraios_ray.sandbox.jail.wire import WireError, receive, send


class CandidateGone(BaseException):
    """The untrusted process ended or broke the protocol. ``except Exception`` in a test cannot catch it."""


class Candidate:
    """The untrusted function as the test sees it: a call sends plain values and returns plain values.

    Arguments are copies, so a function that must change them in place cannot be tested this way.
    """

    def __init__(self, wall: socket) -> None:
        self._wall = wall
        self.calls = 0
        self.end: tuple[str, str] | None = None  # the reason why no further answer comes
        self.raised: BaseException | None = None  # by its last call

    def load(self, source: str, entry_point: str) -> None:
        """Send the program. Raises CandidateGone when it does not load or has no such function."""
        kind, name, text = self._ask([source, entry_point])
        if kind == "load_error":
            self._leave("memory" if name == "MemoryError" else "load_error", f"{name}: {text}")
        if kind == "no_entry":
            self._leave("no_entry", f"binds no function {entry_point!r}")
        if kind != "ready":
            self._leave("protocol", f"answered {kind!r} to its program")

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the untrusted function. Raises its exception as the built-in exception of that name."""
        self.calls += 1
        kind, value, text = self._ask([arguments, keywords])
        if kind == "value":
            return value
        if kind != "raised" or type(value) is not str:
            self._leave("protocol", f"answered {kind!r} to a call")
        self.raised = _as_builtin(value, str(text))
        raise self.raised

    def _ask(self, request: list[Any]) -> tuple[Any, Any, Any]:
        if self.end:
            raise CandidateGone
        try:
            send(self._wall, request)
            answer = receive(self._wall)
        except (EOFError, OSError):
            self._leave("early_exit", "")
        except (WireError, RecursionError, MemoryError) as error:
            self._leave("protocol", str(error)[:200])
        if type(answer) is not list or len(answer) != 3:
            self._leave("protocol", "answered no triple")
        return answer[0], answer[1], answer[2]

    def _leave(self, end: str, detail: str) -> NoReturn:
        self.end = end, detail
        raise CandidateGone


def serve_checker(supervisor: socket, wall: socket) -> NoReturn:
    """Run one check and report ``[nonce, end, detail]`` once.

    The nonce leaves this process only to the supervisor, on a descriptor that the untrusted process does not
    have, so no other process can forge the report.
    """
    nonce, source, entry_point, prelude, test = receive(supervisor)
    candidate = Candidate(wall)

    def run_test() -> None:
        _run_test(candidate, entry_point, prelude, test)

    end, detail = _judge(candidate, source, entry_point, run_test)
    send(supervisor, [nonce, end, detail[:300]])
    os._exit(0)


def _judge(
    candidate: Candidate, source: str, entry_point: str, run_test: Callable[[], None]
) -> tuple[str, str]:
    error: BaseException | None = None
    try:
        candidate.load(source, entry_point)
        run_test()
    except BaseException as raised:  # an exception of the test is its judgement
        error = raised
    if isinstance(error, BrokenTest):
        return "broken_test", str(error)
    if candidate.end:  # even when the test caught CandidateGone
        return candidate.end
    if error is None:
        return ("passed", "") if candidate.calls else ("vacuous", "the test never called the function")
    detail = f"{type(error).__name__}: {_text(error)}"
    if error is not candidate.raised:
        return "failed", detail
    return ("memory" if isinstance(error, MemoryError) else "runtime_error"), detail


class BrokenTest(Exception):
    """The trusted code of a check cannot be run, so there is no judgement."""


def _run_test(candidate: Candidate, entry_point: str, prelude: str, test: str) -> None:
    names: dict[str, Any] = {"__name__": "checker"}
    try:
        exec(compile(prelude, "<prelude>", "exec"), names)
        program = compile(test, "<test>", "exec")
    except Exception as error:  # a data set can hold any text
        raise BrokenTest(f"{type(error).__name__}: {error}") from error
    names[entry_point] = names["candidate"] = candidate
    exec(program, names)


_ENDS = (StopIteration, StopAsyncIteration)


def _as_builtin(name: str, text: str) -> Exception:
    """The candidate's exception for a test that expects one: a built-in of that name, else RuntimeError.

    StopIteration becomes RuntimeError too, since it would end a loop of the test, as in ``all(map(...))``.
    """
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, _ENDS):
        try:
            return kind(text)
        except TypeError:  # UnicodeDecodeError and similar classes need more arguments
            pass
    return RuntimeError(f"{name}: {text}")


def _text(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except ValueError:  # an integer has too many digits for text
        return ""

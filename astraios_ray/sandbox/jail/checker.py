"""The trusted process: runs the test on a proxy of the untrusted function, and reports the result."""

import os
import re
from collections.abc import Callable
from typing import Any, NoReturn

from astraios_ray.sandbox.jail.frames import SocketLike, receive, send
from astraios_ray.sandbox.jail.imports import imported_names
from astraios_ray.sandbox.jail.peer import Peer, Unsupported
from astraios_ray.sandbox.jail.wire import WireError


class CandidateGone(BaseException):
    """The untrusted process ended or broke the protocol. ``except Exception`` in a test cannot catch it."""


class Candidate(Peer):
    """The untrusted program, as a peer that answers with values of our own making."""

    def __init__(self, wall: SocketLike) -> None:
        super().__init__(wall, trusted=True)
        self.calls = 0  # of its function
        self.end: tuple[str, str] | None = None  # the reason why no further answer comes
        self.raised: BaseException | None = None  # by its last call

    def load(self, source: str, entry_point: str) -> None:
        """Send the program. Raises CandidateGone when it does not load or has no such function."""
        kind, name, text = self._loaded([source, entry_point])
        if kind == "load_error":
            self._leave("memory" if name == "MemoryError" else "load_error", f"{name}: {text}")
        if kind == "no_entry":
            self._leave("no_entry", f"binds no function {entry_point!r}")
        if kind != "ready":
            self._leave("protocol", "gave no answer to its program")

    def call(self, number: int, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """See Peer."""
        self.calls += number == 0
        try:
            return super().call(number, arguments, keywords)
        except BaseException as error:
            self.raised = error
            raise

    def ask(self, *question: Any) -> tuple[str, Any]:
        """See Peer. Raises CandidateGone when no answer comes."""
        if self.end:
            raise CandidateGone
        return self._guarded(lambda: super(Candidate, self).ask(*question))  # type: ignore[no-any-return]

    def _loaded(self, program: list[str]) -> Any:
        def exchange() -> Any:
            send(self._wall, program)
            return receive(self._wall)

        answer = self._guarded(exchange)
        return answer if type(answer) is list and len(answer) == 3 else ("", "", "")

    def _guarded(self, exchange: Callable[[], Any]) -> Any:
        try:
            return exchange()
        except (EOFError, OSError):
            self._leave("early_exit", "")
        except (WireError, RecursionError, MemoryError) as error:
            self._leave("protocol", str(error)[:200])

    def _leave(self, end: str, detail: str) -> NoReturn:
        self.end = end, detail
        raise CandidateGone


def serve_checker(supervisor: SocketLike, wall: SocketLike) -> NoReturn:
    """Run one check and report ``[nonce, end, detail]`` once.

    The nonce leaves this process only to the supervisor, on a descriptor that the untrusted process does not
    have, so no other process can forge the report.
    """
    nonce, source, entry_point, prelude, test = receive(supervisor)
    candidate = Candidate(wall)

    def run_test() -> None:
        _run_test(candidate, source, entry_point, prelude, test)

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
        error = raised.with_traceback(None)  # which keeps all values of the test in memory
    if isinstance(error, BrokenTest):
        return "broken_test", str(error)
    if candidate.end:  # even when the test caught CandidateGone
        return candidate.end
    if error is None:
        return ("passed", "") if candidate.calls else ("vacuous", "the test never called the function")
    detail = f"{type(error).__name__}: {_text(error)}"
    if isinstance(error, MemoryError):
        return "memory", detail
    if reason := candidate.unsupported or _missing(candidate, source, error):
        return "unsupported_value", reason if isinstance(error, Unsupported) else f"{reason}; {detail}"
    return ("runtime_error" if error is candidate.raised else "failed"), detail


def _missing(candidate: Candidate, source: str, error: BaseException) -> str:
    """What the test would find in one process with the program, and misses here; empty for nothing."""
    if isinstance(error, AttributeError) and candidate.stands_in(error.obj):
        return f"the attribute {error.name} does not cross"
    if isinstance(error, NameError) and error is not candidate.raised:
        name = str(error.name)
        is_bound = re.search(rf"^\S.*\b{re.escape(name)}\b", source, re.MULTILINE)
        return f"the name {name} of the program does not cross" if is_bound else ""
    return ""


class BrokenTest(Exception):
    """The trusted code of a check cannot be run, so there is no judgement."""


def _run_test(candidate: Candidate, source: str, entry_point: str, prelude: str, test: str) -> None:
    names: dict[str, Any] = {"__name__": "checker"}
    try:
        exec(compile(prelude, "<prelude>", "exec"), names)
        program = compile(test, "<test>", "exec")
    except Exception as error:  # a data set can hold any text
        raise BrokenTest(f"{type(error).__name__}: {error}") from error
    for name, value in imported_names(source, program).items():
        names.setdefault(name, value)
    names[entry_point] = names["candidate"] = candidate.function(0, entry_point)
    exec(program, names)


def _text(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except Exception:  # an integer has too many digits for text, or memory is short
        return ""

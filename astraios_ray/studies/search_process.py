"""Runs a search in a child process, and starts it again where it ended without its own doing.

Ray's C++ ends the process of a search with exit code 1 when a process of Ray's own dies, and the kernel ends
it when memory is short. This process has neither Ray nor torch: it keeps the terminal's signals and the exit
code. A child is a fork of it, made before anything large is imported, and goes on from the journal.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from types import FrameType
from typing import Any

from astraios_ray.errors import Interrupted, RayLost
from astraios_ray.studies.child_processes import adopt_orphans, end_descendants, end_with_parent
from astraios_ray.studies.ending_signals import ENDING, STOPPED, give_terminal_back
from astraios_ray.studies.parent_pipe import PARENT
from astraios_ray.studies.ray_logs import last_words

RESTARTS = 3
REASON_CHARACTERS = 200
FORWARDED = (signal.SIGINT, *ENDING)
AGAIN = "The process of the search ended: {reason}. It is started again ({count} of {most}) and goes on."
GIVEN_UP = (
    "The process of the search ended {times} times, the last time: {reason}. All that was done is saved; the "
    "same command goes on from there."
)


def searched_in_child(note: Callable[[str], None]) -> int | None:
    """The exit code of the search that a child made; None in the child itself, which is to make it.

    ``note`` shows why a child is started again. Raises RayLost when the last one ended so too, Interrupted
    when one ended without its own doing after a signal to stop.
    """
    adopt_orphans()
    folder_is_fresh, reason = False, ""
    for count in range(RESTARTS + 1):
        if count:
            note(AGAIN.format(reason=reason, count=count, most=RESTARTS))
        child = _started(folder_is_fresh)
        if child is None:
            return None
        with _signals_for(child):
            child.wait()
        if child.code is not None:
            return child.code
        end_descendants()
        give_terminal_back()
        if child.interrupted:
            raise Interrupted(STOPPED)
        reason, folder_is_fresh = child.reason, folder_is_fresh or "folder_is_fresh" in child.facts
    raise RayLost(GIVEN_UP.format(times=RESTARTS + 1, reason=reason))


@dataclass
class _Child:
    """A process that searches, and what it tells through its pipe."""

    process: int
    pipe: int
    status: int = 0
    interrupted: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> int | None:
        """The exit code of a search that came to its own end."""
        return None if "lost" in self.facts else self.facts.get("code")

    @property
    def reason(self) -> str:
        """Why the child ended otherwise."""
        words = str(self.facts.get("lost") or _ending_in_words(self.status, self.facts))
        return shorten(words, REASON_CHARACTERS, placeholder=" …")

    def wait(self) -> None:
        """Wait for the end. Orphans of the search become children of this process, and are waited for too."""
        process = 0
        while process != self.process:
            process, self.status = os.waitpid(-1, 0)
        with os.fdopen(self.pipe, "rb") as pipe:
            os.set_blocking(self.pipe, False)  # a process that inherited the other end may still hold it
            for line in (pipe.read() or b"").splitlines():
                self.facts |= json.loads(line)


def _started(folder_is_fresh: bool) -> _Child | None:
    """A new child, with FORWARDED signals blocked until somebody handles them; None in the child itself."""
    receiver, sender = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    process = os.fork()
    if process:
        os.close(sender)
        return _Child(process, receiver)
    os.close(receiver)
    os.setsid()  # away from the terminal, whose Ctrl-C would arrive here twice
    end_with_parent(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    PARENT.descriptor, PARENT.folder_is_fresh = sender, folder_is_fresh
    return None


@contextmanager
def _signals_for(child: _Child) -> Iterator[None]:
    """Inside, the child gets the signals that would end this process, and stops and goes on with it."""

    def forward(number: int, frame: FrameType | None) -> None:
        child.interrupted = True
        with suppress(ProcessLookupError):
            os.kill(child.process, number)

    def pause(number: int, frame: FrameType | None) -> None:
        os.killpg(child.process, signal.SIGSTOP)  # of its group too, as a terminal does
        os.kill(os.getpid(), signal.SIGSTOP)
        os.killpg(child.process, signal.SIGCONT)

    handlers = {**dict.fromkeys(FORWARDED, forward), signal.SIGTSTP: pause}
    before = {number: signal.getsignal(number) for number in handlers}
    for number, handler in handlers.items():
        if before[number] != signal.SIG_IGN:  # as nohup and background jobs ignore them; the child does too
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    try:
        yield
    finally:
        for number, old_handler in before.items():
            signal.signal(number, old_handler)


def _ending_in_words(status: int, facts: Mapping[str, Any]) -> str:
    """How a process ended of which nothing else is known."""
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return f"{name} ended it{', as when memory is short' if name == 'SIGKILL' else ''}"
    words = last_words(Path(facts["logs"])) if "logs" in facts else ""
    return words or f"it left with exit code {os.waitstatus_to_exitcode(status)} and without a word"

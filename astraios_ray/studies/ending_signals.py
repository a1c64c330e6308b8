"""SIGTERM and SIGHUP end a search as Ctrl-C does: it saves, and says how to go on; twice, at once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

from astraios_ray.errors import Interrupted
from astraios_ray.studies.parent_pipe import PARENT

ENDING = (signal.SIGTERM, signal.SIGHUP)  # of `kill` and job schedulers; of a terminal that closes
STOPPED = "Stopped by you. All that was done is saved; the same command goes on from there."
AT_ONCE = "Stopped by you at once. All that the journal holds is saved; the same command goes on from there."
STDERR = 2
ONE_SIGNAL_SECONDS = 0.2  # `timeout` and batch systems send one to several processes, and so twice


class SecondSignalEnds:
    """Handles signals of the command line: the first interrupts, a second ends the process at once."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if self._first is None:
            self._first = monotonic()
            raise KeyboardInterrupt
        if monotonic() - self._first > ONE_SIGNAL_SECONDS:
            _end_at_once()


def give_terminal_back() -> None:
    """Show the cursor again, which a live panel hid that nobody closed."""
    if os.isatty(STDERR):
        os.write(STDERR, b"\x1b[?25h\n")


def _end_at_once() -> None:
    give_terminal_back()
    os.write(STDERR, f"Error: {AT_ONCE}\n".encode())
    PARENT.tell(code=Interrupted.exit_code)
    os._exit(Interrupted.exit_code)


def heed_second_signal() -> None:
    """Have Ctrl-C end this process at once when it is pressed twice. Not for programs that call a search."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, SecondSignalEnds())


def heed_ending_signals() -> None:
    """Take them as Ctrl-C, except those that this process was told to ignore, as by ``nohup``.

    Only the main thread may set a signal's handler.
    """
    if threading.current_thread() is threading.main_thread():
        handler = signal.getsignal(signal.SIGINT)
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, handler if callable(handler) else signal.default_int_handler)


@contextmanager
def ending_signals_restored() -> Iterator[None]:
    """Afterwards the signals mean again what they meant to the caller."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

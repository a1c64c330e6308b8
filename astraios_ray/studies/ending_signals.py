"""SIGTERM and SIGHUP end a search as Ctrl-C does: it saves, and says how to go on."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = (signal.SIGTERM, signal.SIGHUP)  # of `kill` and job schedulers; of a terminal that closes
STOPPED = "Stopped by you. All that was done is saved; the same command goes on from there."
STDERR = 2


def give_terminal_back() -> None:
    """Show the cursor again, which a live panel hid that nobody closed."""
    if os.isatty(STDERR):
        os.write(STDERR, b"\x1b[?25h\n")


def heed_ending_signals() -> None:
    """Take them as Ctrl-C, except those that this process was told to ignore, as by ``nohup``.

    Only the main thread may set a signal's handler.
    """
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)


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

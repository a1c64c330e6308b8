"""What ends a search, and what does not."""

import os
import signal
from collections.abc import Iterator

import pytest

from astraios_ray.studies.ending_signals import ENDING, ending_signals_restored, heed_ending_signals


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    with ending_signals_restored():
        yield


@pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
def test_a_signal_that_ends_a_process_interrupts_a_search_and_is_restored(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_DFL)  # whatever these tests were started with, as by nohup
    before = signal.getsignal(number)
    with ending_signals_restored():
        heed_ending_signals()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


def test_a_search_behind_nohup_goes_on_when_its_terminal_closes() -> None:
    with ending_signals_restored():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        heed_ending_signals()
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGTERM) == signal.default_int_handler

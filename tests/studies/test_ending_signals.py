"""What ends a search, and what does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from astraios_ray.studies.ending_signals import AT_ONCE, ENDING, ending_signals_restored, heed_ending_signals


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


SAVES_FOR_AN_HOUR = """
import os, signal, time
from astraios_ray.studies.ending_signals import heed_ending_signals, heed_second_signal
def send(number):
    os.kill(os.getpid(), number)
signal.signal(signal.SIGINT, signal.default_int_handler)
heed_second_signal()
heed_ending_signals()
try:
    send(signal.SIGINT)
except KeyboardInterrupt:
    send(signal.SIGINT)  # at once, as `timeout` does
    print("saving", flush=True)
    time.sleep(0.3)
    send(signal.{second})
    time.sleep(3600)
"""


@pytest.mark.parametrize("second", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_second_signal_ends_a_command_that_saves_and_says_so(second: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", SAVES_FOR_AN_HOUR.replace("{second}", second)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 130
    assert (process.stdout, process.stderr) == ("saving\n", f"Error: {AT_ONCE}\n")

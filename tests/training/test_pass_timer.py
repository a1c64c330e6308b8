"""What passes take on the device does not grow while they wait for the machine."""

import os
import time
from math import nan

import pytest

from astraios_ray.training.pass_timer import PassTimer, Timing


class Events:
    """CUDA events of a device on which every piece of work takes 250 ms."""

    def __init__(self) -> None:
        self.clock, self.waited = 0.0, 0

    def Event(self, *, enable_timing: bool) -> "Event":
        assert enable_timing
        return Event(self)


class Event:
    def __init__(self, device: Events) -> None:
        self.device, self.at = device, nan

    def record(self) -> None:
        self.at = self.device.clock
        self.device.clock += 250.0  # milliseconds

    def synchronize(self) -> None:
        self.device.waited += 1

    def elapsed_time(self, end: "Event") -> float:
        return end.at - self.at


def test_waiting_is_wall_time_and_no_time_of_the_device() -> None:
    timer = PassTimer("cpu")
    time.sleep(0.2)
    timing = timer.read()
    assert timing.wall >= 0.2
    assert timing.device < 0.1


def test_work_is_time_of_the_device() -> None:
    timer, started = PassTimer("cpu"), time.process_time()
    while time.process_time() - started < 0.05:
        pass
    assert timer.read().device >= 0.05


def test_on_a_gpu_it_is_the_time_between_two_events_that_are_over() -> None:
    device = Events()
    assert PassTimer("cuda:0", device).read().device == pytest.approx(0.25)
    assert device.waited == 1


def test_the_load_is_a_mean_over_the_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "getloadavg", lambda: (8.0, 1.0, 1.0))
    timing = PassTimer("cpu").read()
    assert timing.recorded[1] == pytest.approx(4.0)
    assert (Timing(1.0, 1.0, 1.0) + Timing(3.0, 2.0, 15.0)).recorded == (3.0, 4.0)
    assert Timing(4.0, 2.0, 8.0).times(0.25) == Timing(1.0, 0.5, 2.0)


def test_a_part_that_was_not_measured_leaves_nothing_recorded() -> None:
    assert (Timing(5.0, nan, nan) + Timing(1.0, 1.0, 1.0)).recorded == (0.0, 0.0)
    assert Timing().recorded == (0.0, 0.0)

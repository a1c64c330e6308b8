"""The profile of a check counts what each of its processes spends."""

from pathlib import Path

import pytest

from benchmarks.sandbox_profile import of_checkout


@pytest.mark.usefixtures("sandbox")
def test_the_cpu_time_of_a_check_is_that_of_all_its_processes() -> None:
    check = of_checkout(Path(__file__).parents[2])
    parts = [value for name, value in check.items() if name.endswith("CPU ms") and name != "CPU ms"]
    assert len(parts) == 3
    assert sum(parts) == check["CPU ms"] > 0
    assert 100 < check["zygote faults"] < check["its forks faults"] < 5000

"""The profile of a check counts what each of its processes spends."""

from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from benchmarks.sandbox_profile import figures


def test_the_cpu_time_of_a_check_is_that_of_all_its_processes(sandbox: Bubblewrap) -> None:
    close_jails()  # the profile wants one jail
    check = figures(10)
    close_jails()
    parts = [value for name, value in check.items() if name.endswith("CPU ms") and name != "CPU ms"]
    assert len(parts) == 3
    assert sum(parts) == check["CPU ms"] > 0
    assert 100 < check["zygote faults"] < check["its forks faults"] < 5000

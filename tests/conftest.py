"""What every test starts from."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.choose import packages_here

# A slow machine is no failure.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests first, Ray's before all: what is left in the end is spread over all processes."""
    weights: dict[Path, int] = {}
    for item in items:
        weight = 2 if item.get_closest_marker("ray") else bool(item.get_closest_marker("slow"))
        weights[item.path] = max(weights.get(item.path, 0), weight)
    items.sort(key=lambda item: -weights[item.path])


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The command line sets our logger up for a whole process; here it is only for one test."""
    logger = logging.getLogger("astraios_ray")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Bubblewrap]:
    """The real one. Without it tests are skipped; where it is installed and does not work, they fail."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    made = Bubblewrap(packages=packages_here())
    made.check()
    yield made
    close_jails()

"""What every test starts from."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The command line sets our logger up for a whole process; here it is only for one test."""
    logger = logging.getLogger("astraios_ray")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)

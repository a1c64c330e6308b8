"""A cluster's sandbox is checked on a node that judges, and not where the search runs."""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import ray

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.on_ray.judges import SANDBOX, Judges, in_a_sandbox
from astraios_ray.records import Value
from tests.fakes.sandboxes import TrustingSandbox

pytestmark = [pytest.mark.ray, pytest.mark.slow]


@dataclass
class Elsewhere(TrustingSandbox):
    """A sandbox whose description names the process that asked for it."""

    missing: str = ""

    def check(self) -> None:
        if self.missing:
            raise SandboxUnavailable(self.missing)

    def describe(self) -> Mapping[str, Value]:
        return {"pid": os.getpid()}


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    quiet = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
    ray.init(address="local", num_cpus=1, resources={SANDBOX: 1}, **quiet)
    yield
    ray.shutdown()


def test_on_this_machine_it_is_asked_here() -> None:
    assert Judges(Elsewhere(), everywhere=True).description == {"pid": os.getpid()}


def test_on_a_cluster_a_node_that_judges_is_asked() -> None:
    (pid,) = Judges(Elsewhere(), everywhere=False).description.values()
    assert pid != os.getpid()


def test_what_a_node_misses_is_said_in_its_words() -> None:
    with pytest.raises(SandboxUnavailable, match="no bubblewrap there"):
        Judges(Elsewhere(missing="no bubblewrap there"), everywhere=False)


def test_without_any_node_that_judges_the_search_does_not_wait_for_ever() -> None:
    def hold() -> None:
        time.sleep(60)

    holder = in_a_sandbox(hold).remote()
    with pytest.raises(SandboxUnavailable, match="No node that may judge programs came up within 2 seconds"):
        Judges(Elsewhere(), everywhere=False, patience=2)
    ray.cancel(holder, force=True)

"""A lane that ends tells the dispatcher whether its work ended it."""

import errno

import pytest

from astraios_ray.errors import LaneBroken
from astraios_ray.on_ray import lane_worker
from astraios_ray.on_ray.lane_worker import run_lane_worker
from astraios_ray.training.runtime import SingleProcess
from tests.on_ray.test_mailbox import SETTINGS


@pytest.mark.parametrize(
    ("error", "blame"),
    [
        (OSError(errno.EIO, "Input/output error"), None),
        (LaneBroken("no disk"), None),
        (ValueError("a shape"), "with ValueError: a shape"),
    ],
    ids=["files", "lane", "work"],
)
def test_work_is_to_blame_for_no_error_of_the_machine(
    error: Exception, blame: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_back: list[str | None] = []

    class Mailbox:
        def __init__(self, *_: object) -> None: ...

        def give_back(self, blame: str | None = None) -> None:
            handed_back.append(blame)

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(lane_worker, "_runtime", SingleProcess)
    monkeypatch.setattr(lane_worker, "_Mailbox", Mailbox)
    monkeypatch.setattr(lane_worker, "_serve", broken)
    with pytest.raises(type(error)):
        run_lane_worker(SETTINGS)
    assert handed_back == [blame]

"""The dispatcher without Ray when lanes start, end and die: no work is lost, and callers get an error."""

import asyncio

import pytest

from astraios_ray.errors import LaneLost
from astraios_ray.on_ray.dispatcher import LANES_LOST
from astraios_ray.records import TrialState
from tests.on_ray.room import LONG, MOMENT, Room, eval_shard, play, train_report, train_task


def test_a_lane_that_starts_again_loses_its_work_to_whoever_asks() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        (promise,) = await room.order(train_task(0))
        assert await room.take("lane-0") == {0: "t0000"}
        assert await room.take("lane-1") == {}
        await room.dispatcher.lane_up("lane-0")
        assert await room.take("lane-1") == {0: "t0000"}
        await room.dispatcher.deliver(0, train_report(train_task(0)))
        assert (await promise).trial == "t0000"
        assert await room.dispatcher.lanes() == {"lane-0": 2, "lane-1": 1}

    play(scene())


def test_a_lane_that_starts_again_has_forgotten_what_it_paused() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.train("lane-0", train_task(5))
        await room.dispatcher.lane_up("lane-0")
        await room.order(train_task(1), train_task(5, until=20))
        assert list((await room.take(slots=1)).values()) == ["t0001"]

    play(scene())


def test_the_work_of_a_lane_that_is_given_up_goes_to_the_others() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.order(train_task(0))
        await room.take("lane-0")
        await room.dispatcher.lane_down("lane-0", "its node is gone")
        assert await room.take("lane-1") == {0: "t0000"}
        assert await room.dispatcher.lanes() == {"lane-1": 1}

    play(scene())


def test_when_the_last_lane_is_lost_everybody_who_waits_is_told_why() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        promises = await room.order(train_task(0), train_task(1), eval_shard("p"))
        await room.take(slots=1)
        await room.dispatcher.lane_down("lane-0", "out of memory")
        for promise in promises:
            with pytest.raises(LaneLost, match="The last lane ended: out of memory"):
                await promise
        (late,) = await room.order(train_task(2))
        with pytest.raises(LaneLost, match="out of memory"):
            await late

    play(scene())


def test_a_lane_that_comes_after_the_last_was_lost_gets_work_again() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.dispatcher.lane_down("lane-0", "its node is gone")
        await room.dispatcher.lane_up("lane-1")
        await room.order(train_task(0))
        assert await room.take("lane-1") == {0: "t0000"}

    play(scene())


def test_a_lane_that_never_came_up_is_not_the_last_while_others_are_expected() -> None:
    async def scene() -> None:
        room = Room(expected=2)
        (promise,) = await room.order(train_task(0))
        await room.dispatcher.lane_down("lane-0", "it never started")
        assert not promise.done()
        await room.dispatcher.lane_down("lane-1", "nor did this")
        with pytest.raises(LaneLost, match="nor did this"):
            await promise

    play(scene())


def test_a_lane_that_was_given_up_is_sent_home() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.order(train_task(0))
        await room.dispatcher.lane_down("lane-0", "too many restarts")
        assert await room.dispatcher.take("lane-0", 0, 1, 0.0) is None
        assert await room.take("lane-1") == {0: "t0000"}

    play(scene())


def test_a_question_of_a_lane_that_has_died_since_takes_no_work_along() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        of_the_dead = asyncio.ensure_future(room.dispatcher.take("lane-0", 0, 1, LONG))
        await asyncio.sleep(MOMENT)
        restarted = asyncio.ensure_future(room.dispatcher.lane_up("lane-0"))
        await room.order(train_task(0))
        await restarted
        assert await of_the_dead == []
        assert await room.take() == {0: "t0000"}

    play(scene())


def test_a_train_task_at_which_lane_after_lane_dies_has_failed_and_the_others_go_on() -> None:
    async def scene() -> None:
        room = Room()
        (promise,) = await room.order(train_task(0))
        for _ in range(LANES_LOST):
            await room.dispatcher.lane_up("lane-0")
            await room.take()
        await room.dispatcher.lane_up("lane-0")
        failed = await promise
        assert (failed.trial, failed.state) == ("t0000", TrialState.FAILED)
        assert "memory" in failed.reason
        await room.order(train_task(1))
        assert list((await room.take()).values()) == ["t0001"]

    play(scene())


def test_a_train_task_that_breaks_lane_after_lane_has_failed_with_the_last_words() -> None:
    async def scene() -> None:
        room = Room()
        (promise,) = await room.order(train_task(0))
        for number in range(LANES_LOST):
            await room.dispatcher.lane_up("lane-0")
            await room.take()
            await room.dispatcher.lane_fails("lane-0", f"with error {number}")
        assert (await promise).reason.endswith(f"with error {LANES_LOST - 1}")

    play(scene())


def test_a_lane_that_ends_for_a_reason_of_its_own_is_not_held_against_its_train_task() -> None:
    async def scene() -> None:
        room = Room()
        (promise,) = await room.order(train_task(0))
        for _ in range(2 * LANES_LOST):
            await room.dispatcher.lane_up("lane-0")
            assert await room.take() == {0: "t0000"}
            await room.dispatcher.lane_fails("lane-0")
        assert not promise.done()

    play(scene())


def test_what_a_lost_lane_held_is_done_by_others_before_it_starts_again() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.order(train_task(0))
        await room.take("lane-0")
        await room.dispatcher.lane_lost("lane-0")
        assert await room.dispatcher.lanes() == {"lane-1": 1}
        assert await room.dispatcher.take("lane-0", 0, 1, 0.0) is None
        assert await room.take("lane-1") == {0: "t0000"}
        await room.dispatcher.lane_up("lane-0")
        assert await room.dispatcher.lanes() == {"lane-0": 2, "lane-1": 1}

    play(scene())


def test_lost_lanes_that_may_start_again_are_not_the_last() -> None:
    async def scene() -> None:
        room = Room(expected=2)
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        (promise,) = await room.order(train_task(0))
        await room.dispatcher.lane_lost("lane-0")
        await room.dispatcher.lane_down("lane-1", "too many restarts")
        assert not promise.done()
        await room.dispatcher.lane_up("lane-0")
        assert await room.take("lane-0") == {0: "t0000"}

    play(scene())


def test_work_that_was_lost_on_its_way_to_a_lane_is_given_out_again() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        (promise, _) = await room.order(train_task(0), train_task(1))
        for _ in range(2 * LANES_LOST):  # the train task does not fail because of it
            assert await room.take("lane-0") == {0: "t0000", 1: "t0001"}
            await room.dispatcher.lane_holds("lane-0", [])
        await room.take("lane-0")
        await room.dispatcher.lane_holds("lane-0", [1])
        assert await room.take("lane-1") == {0: "t0000"}
        assert not promise.done()

    play(scene())


def test_who_still_waits_when_the_search_ends_is_sent_away() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        promises = await room.order(train_task(0), eval_shard("p"))
        await room.dispatcher.close()
        for promise in promises:
            with pytest.raises(LaneLost, match="The search has ended"):
                await promise

    play(scene())

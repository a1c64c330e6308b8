"""The dispatcher without Ray: which lane gets which work, and who gets the result."""

import asyncio

import pytest

from astraios_ray.errors import LaneLost
from astraios_ray.on_ray.dispatcher import Dispatcher
from astraios_ray.records import Completion, TrialState
from tests.on_ray.room import LONG, MOMENT, Room, eval_shard, play, train_report, train_task


def test_work_is_handed_out_in_the_order_in_which_it_was_asked_for() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.order(train_task(3), train_task(1), eval_shard("p"), train_task(2))
        assert list((await room.take(slots=3)).values()) == ["t0003", "t0001", "eval_task"]
        assert list((await room.take(working=3, slots=4)).values()) == ["t0002"]

    play(scene())


def test_a_lane_gets_no_more_than_it_has_slots() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.order(train_task(0), train_task(1), train_task(2))
        assert len(await room.take(working=1, slots=2)) == 1
        assert await room.take(working=2, slots=2) == {}

    play(scene())


def test_who_asked_gets_the_result() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        first, second = await room.order(train_task(0), eval_shard("p"))
        await room.take()
        await room.dispatcher.deliver(1, [Completion("p", 0, "text")])
        await room.dispatcher.deliver(0, train_report(train_task(0)))
        assert await first == train_report(train_task(0))
        assert await second == [Completion("p", 0, "text")]

    play(scene())


def test_what_a_lane_raises_reaches_who_asked() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        (promise,) = await room.order(eval_shard("p"))
        await room.take()
        await room.dispatcher.deliver(0, ValueError("a prompt without tokens"))
        with pytest.raises(ValueError, match="a prompt without tokens"):
            await promise

    play(scene())


def test_a_trial_goes_back_to_the_lane_that_paused_it() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.train("lane-0", train_task(5))
        await room.train("lane-1", train_task(6))
        await room.order(train_task(1), train_task(6, until=20), train_task(5, until=20))
        assert list((await room.take("lane-0", slots=1)).values()) == ["t0005"]
        assert list((await room.take("lane-1", slots=2)).values()) == ["t0006", "t0001"]

    play(scene())


def test_a_trial_that_moved_belongs_to_its_new_lane() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.train("lane-0", train_task(5))
        await room.train("lane-1", train_task(5, until=20))
        await room.order(train_task(1), train_task(5, until=30))
        assert list((await room.take("lane-0", slots=1)).values()) == ["t0001"]

    play(scene())


def test_a_trial_may_go_to_another_lane_rather_than_wait() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        await room.train("lane-0", train_task(5))
        await room.order(train_task(5, until=20))
        assert list((await room.take("lane-1")).values()) == ["t0005"]

    play(scene())


def test_full_fine_tuning_waits_for_an_empty_lane_and_others_pass() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.order(train_task(0, "full"), train_task(1))
        assert list((await room.take(working=1, slots=4)).values()) == ["t0001"]
        assert list((await room.take(working=0, slots=4)).values()) == ["t0000"]

    play(scene())


def test_nothing_is_put_beside_full_fine_tuning() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.order(train_task(0, "full"), train_task(1), train_task(2, "full"))
        assert list((await room.take(slots=4)).values()) == ["t0000"]
        assert await room.take(working=1, slots=4) == {}
        await room.dispatcher.deliver(0, train_report(train_task(0, "full")))
        assert list((await room.take(slots=4)).values()) == ["t0001"]

    play(scene())


def test_any_method_that_changes_its_base_has_a_lane_to_itself() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        alone = train_task(0, "peft:LORA", bias="all")
        await room.order(alone, train_task(1, "peft:LORA"), train_task(2, "peft:LORA", bias="none"))
        assert list((await room.take(slots=4)).values()) == ["t0000"]
        assert await room.take(working=1, slots=4) == {}
        await room.dispatcher.deliver(0, train_report(alone))
        assert list((await room.take(slots=4)).values()) == ["t0001", "t0002"]

    play(scene())


def test_a_late_delivery_is_dropped() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        (promise,) = await room.order(train_task(0))
        await room.take()
        await room.dispatcher.deliver(0, train_report(train_task(0)))
        await room.dispatcher.deliver(0, train_report(train_task(0), TrialState.FAILED))
        await room.dispatcher.deliver(99, train_report(train_task(9)))
        assert (await promise).state is TrialState.PAUSED

    play(scene())


def test_work_that_nobody_waits_for_any_more_is_not_handed_out() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        first, _ = await room.order(eval_shard("p"), train_task(1))
        first.cancel()
        await asyncio.sleep(MOMENT)
        assert await room.take() == {1: "t0001"}

    play(scene())


def test_a_train_task_that_is_submitted_again_is_trained_once() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.dispatcher.submit(train_task(0))
        await room.dispatcher.submit(train_task(0))
        assert await room.take() == {0: "t0000"}
        await room.dispatcher.deliver(0, train_report(train_task(0)))
        await room.dispatcher.submit(train_task(0))
        assert await room.take() == {}
        for _ in range(2):  # an answer that got lost is given again
            assert await room.dispatcher.report_of("t0000") == train_report(train_task(0))

    play(scene())


def test_a_trial_waits_for_the_report_of_its_newest_train_task() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        await room.train("lane-0", train_task(0))
        (promise,) = await room.order(train_task(0, until=20))
        assert await room.take() == {1: "t0000"}
        assert not promise.done()

    play(scene())


def test_a_train_task_that_no_lane_could_train_is_queued_anew() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        (promise,) = await room.order(train_task(0))
        await room.dispatcher.lane_down("lane-0", "its node is gone")
        with pytest.raises(LaneLost):
            await promise
        await room.dispatcher.lane_up("lane-1")
        await room.order(train_task(0))
        assert await room.take("lane-1") == {1: "t0000"}

    play(scene())


def test_closing_sends_lanes_home_also_those_that_wait() -> None:
    async def scene() -> None:
        dispatcher = Dispatcher()
        await dispatcher.lane_up("lane-0")
        waiting = asyncio.ensure_future(dispatcher.take("lane-0", 0, 1, LONG))
        await asyncio.sleep(MOMENT)
        await dispatcher.close()
        assert await waiting is None
        assert await dispatcher.take("lane-0", 0, 1, LONG) is None

    play(scene())


def test_a_waiting_lane_gets_work_as_soon_as_it_arrives() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        waiting = asyncio.ensure_future(room.dispatcher.take("lane-0", 0, 1, LONG))
        await asyncio.sleep(MOMENT)
        assert not waiting.done()
        await room.order(train_task(0))
        assert waiting.done()
        assert (await waiting) == [(0, train_task(0))]

    play(scene())


def test_a_lane_that_waits_in_vain_comes_back_with_nothing() -> None:
    async def scene() -> None:
        room = Room()
        await room.dispatcher.lane_up("lane-0")
        assert await room.dispatcher.take("lane-0", 0, 1, MOMENT) == []

    play(scene())


def test_of_two_waiting_lanes_one_gets_the_work() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1"):
            await room.dispatcher.lane_up(lane)
        waiting = [asyncio.ensure_future(room.dispatcher.take(f"lane-{n}", 0, 1, LONG)) for n in (0, 1)]
        await asyncio.sleep(MOMENT)
        await room.order(train_task(0))
        assignments = await asyncio.gather(*waiting)
        assert sorted(assignments, key=bool) == [[], [(0, train_task(0))]]

    play(scene())


def test_a_lane_that_has_training_and_makes_no_step_is_named_until_it_makes_one() -> None:
    async def scene() -> None:
        room = Room()
        for lane in ("lane-0", "lane-1", "lane-2"):
            await room.dispatcher.lane_up(lane)
        await room.order(train_task(0), eval_shard("p"))
        await room.take("lane-0", slots=1)
        await room.take("lane-1", slots=1)  # it writes completions, and lane-2 has nothing to do
        await asyncio.sleep(2 * MOMENT)
        assert await room.dispatcher.stopped_lanes(LONG) == {}
        stopped = await room.dispatcher.stopped_lanes(MOMENT)
        assert list(stopped) == ["lane-0"] and stopped["lane-0"] >= MOMENT
        await room.dispatcher.lane_steps("lane-0")
        assert await room.dispatcher.stopped_lanes(MOMENT) == {}

    play(scene())

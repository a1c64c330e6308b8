from astraios_ray.config.study import EarlyStopConfig
from astraios_ray.search.asynchronous import Asha, MedianStop, NoStop
from astraios_ray.search.scheduler import Action

RULE = EarlyStopConfig(rule="asha", grace=1, reduction=3, audit_fraction=0.0)


def actions_of(scheduler: Asha | MedianStop | NoStop, losses: list[float]) -> list[Action]:
    return [scheduler.report(f"t{number:04d}", 1, loss)[0].action for number, loss in enumerate(losses)]


def test_asha_lets_the_first_arrivals_go_and_then_only_the_best_third() -> None:
    actions = actions_of(Asha(RULE, 9, 1, 0), [0.5, 0.6, 0.7, 0.4, 0.45])
    assert actions == [Action.CONTINUE, Action.CONTINUE, Action.STOP, Action.CONTINUE, Action.STOP]


def test_within_methods_a_trial_is_compared_with_those_of_its_method() -> None:
    scheduler = Asha(RULE, 9, 1, 0, within_methods=True)
    for number in range(4):
        scheduler.enter(f"t{number:04d}", "first" if number < 3 else "second", 0)
    actions = actions_of(scheduler, [0.5, 0.6, 0.7, 9.0])
    assert actions == [Action.CONTINUE, Action.CONTINUE, Action.STOP, Action.CONTINUE]


def test_the_median_rule_waits_for_three_peers() -> None:
    assert actions_of(MedianStop(RULE, 9, 1, 0), [0.1, 0.2, 0.3, 0.9, 0.15]) == [Action.CONTINUE] * 3 + [
        Action.STOP,
        Action.CONTINUE,
    ]


def test_no_rule_stops_nobody() -> None:
    assert actions_of(NoStop(RULE, 9, 1, 0), [0.1, 9.0, 99.0, 999.0]) == [Action.CONTINUE] * 4


def test_an_audited_trial_is_not_judged_again() -> None:
    scheduler = Asha(EarlyStopConfig(rule="asha", grace=1, reduction=3, audit_fraction=1.0), 9, 1, 0)
    actions_of(scheduler, [0.1, 0.1, 0.1])
    assert scheduler.report("t0009", 1, 5.0)[0].audited
    assert scheduler.report("t0009", 3, 5.0)[0].action is Action.CONTINUE

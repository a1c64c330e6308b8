"""One study that trains on several sets: one search for each, with a shared budget and journal."""

from functools import partial
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.records import TrainTask
from astraios_ray.search.finalists import finalists
from astraios_ray.search.trial_board import TrialBoard
from tests.fakes.studies import SPACE, board, study, trained

SETS = ("full", "few", "ood")


def scenario(*sets: str, trials: int, **sections: Any) -> StudyConfig:
    ood = {"region": "length", "training_sets": list(sets)}
    return study(ood=ood, budget={"trials": trials}, **sections)


def serve(front: TrialBoard, at_most: int = 10_000) -> None:
    """Train all ready trials; those without the region's rows end with a much worse loss."""
    served = 0
    while not front.done and served < at_most:
        train_task = front.ask(front.ready()[0])
        front.tell(trained(train_task, partial(_loss, worse=SETS.index(train_task.spec.training_set))))
        served += 1


def _loss(train_task: TrainTask, step: int, worse: float) -> float:
    return 1 / step + train_task.spec.number / 100 + worse


def configurations(front: TrialBoard, name: str) -> list[tuple[str, object, float]]:
    specs = [result.spec for result in front.results if result.spec.training_set == name]
    return [(spec.method, dict(spec.hyperparameters), spec.recipe.learning_rate) for spec in specs]


def test_each_training_set_has_an_equal_part_of_the_trials(tmp_path: Path) -> None:
    front = board(tmp_path, scenario(*SETS, trials=24))
    serve(front)
    assert [result.spec.training_set for result in front.results] == [*SETS] * 8
    assert len({result.spec.id for result in front.results}) == 24


def test_each_set_is_asked_what_a_study_of_it_alone_would_be_asked(tmp_path: Path) -> None:
    together = board(tmp_path / "together", scenario(*SETS, trials=24))
    single = board(tmp_path / "alone", scenario("ood", trials=8))
    for front in (together, single):
        serve(front)
    startup = 4  # two of each method; what follows is drawn by losses, which carry the trial's number
    assert configurations(together, "ood")[:startup] == configurations(single, "ood")[:startup]
    assert configurations(together, "full")[:startup] == configurations(together, "ood")[:startup]


def test_trials_of_different_sets_do_not_stop_one_another(tmp_path: Path) -> None:
    front = board(tmp_path, scenario(*SETS, trials=24))
    serve(front)
    finished = {
        name: sum(r.state == "complete" for r in front.results if r.spec.training_set == name)
        for name in SETS
    }
    assert finished["ood"] == finished["few"] == finished["full"] > 0


def test_each_set_has_finalists_of_its_own(tmp_path: Path) -> None:
    config = scenario(*SETS, trials=24, evaluate={"tasks": ["primer"], "top": 1, "per_method": 1})
    front = board(tmp_path, config)
    serve(front)
    finalist_methods = [
        (r.spec.training_set, r.spec.method) for r in finalists(front.results, config.evaluate)
    ]
    assert {(name, method) for name in SETS for method in SPACE} <= set(finalist_methods)


def test_a_search_that_was_cut_anywhere_goes_on_to_the_same_end(tmp_path: Path) -> None:
    config = scenario(*SETS, trials=24)
    uncut = board(tmp_path / "whole", config)
    serve(uncut)
    cut = board(tmp_path / "cut", config)
    serve(cut, at_most=17)
    again = board(tmp_path / "cut", config)
    serve(again)
    assert again.results == uncut.results

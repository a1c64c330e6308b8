"""The contract of every backend: the same study and seed give the same trials, losses and scores."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import ray
import torch
from ray.util.state import list_actors

from astraios_ray.config.study import StudyConfig
from astraios_ray.on_ray.connect import open_ray
from astraios_ray.on_ray.ray_backend import QUEUED
from astraios_ray.records import StudyRecord, TrialState
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.search.backend import Backend
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from tests.fakes.backends import conduct, tiny_study, write_model, write_rows

Open = Callable[[StudyConfig, Path], Backend]


def open_local(study: StudyConfig, folder: Path, slots: int = 2) -> Backend:
    return LocalBackend(folder / "trials", slots=slots, sandbox=Bubblewrap())


def open_on_ray(study: StudyConfig, folder: Path) -> Backend:
    return open_ray(study, folder, address=None, sandbox=Bubblewrap())


def trial_actors() -> Sequence[object]:
    """The Tune trial actors of this Ray, including those that ended. Each costs CPU-seconds."""
    if not ray.is_initialized():
        return []
    # with the address, since another test's Ray may run on this machine
    actors = list_actors(address=ray.get_runtime_context().gcs_address, limit=1000)
    # Tune's name for a class with resources
    return [actor for actor in actors if "ResourceTrainable" in actor.class_name]


BACKENDS = [
    pytest.param(open_local, id="local"),
    pytest.param(open_on_ray, id="ray", marks=[pytest.mark.ray, pytest.mark.slow]),
]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyConfig:
    folder = tmp_path_factory.mktemp("made")
    evaluate = {"tasks": ["primer"], "limit": 2, "samples": 2, "max_new_tokens": 8, "top": 2}
    return tiny_study(write_model(folder / "model"), write_rows(folder / "rows.jsonl"), evaluate=evaluate)


@pytest.fixture(scope="module")
def reference(study: StudyConfig, tmp_path_factory: pytest.TempPathFactory) -> StudyRecord:
    """The study with one slot: one trial after the other."""
    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("reference")
    return conduct(study, StudyFolder(place), open_local(study, place, slots=1))


@pytest.mark.parametrize("open_backend", BACKENDS)
def test_a_study_is_the_same_study_on_every_backend(
    open_backend: Open, study: StudyConfig, reference: StudyRecord, tmp_path: Path
) -> None:
    backend = open_backend(study, tmp_path)
    try:
        record = conduct(study, StudyFolder(tmp_path), backend)
        actors = len(trial_actors())
        assert bool(actors) == ray.is_initialized()
        assert actors <= backend.lanes + QUEUED
    finally:
        backend.close()
    assert [r.spec for r in record.results] == [r.spec for r in reference.results]
    assert [r.state for r in record.results] == [r.state for r in reference.results]
    for result, expected in zip(record.results, reference.results, strict=True):
        assert [p.step for p in result.points] == [p.step for p in expected.points]
        assert [p.loss for p in result.points] == pytest.approx([p.loss for p in expected.points], rel=1e-6)
    assert {s.evaluator: s.metrics for s in record.base_scores} == {"primer": {"pass_at_1": 0.0}}
    scored = [bool(result.scores) for result in record.results]
    assert scored == [bool(result.scores) for result in reference.results]
    assert record.complete


def test_the_reference_has_every_method_and_stops_some_trials(reference: StudyRecord) -> None:
    states = {result.state for result in reference.results}
    assert states == {TrialState.COMPLETE, TrialState.STOPPED}
    assert len({r.spec.method for r in reference.results if r.state is TrialState.COMPLETE}) == 7

"""One worker trains train_tasks and writes completions, of the base and of what it tuned."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.models.load_base import load_base
from astraios_ray.models.shared_weights import MAPS, SharedBases, private_bytes
from astraios_ray.records import (
    Checkpoint,
    Completion,
    DataRef,
    EvalTask,
    ModelRef,
    Recipe,
    Sampling,
    TrainTask,
    TrialSpec,
    TrialState,
    Value,
)
from astraios_ray.trial.worker import Worker, eval_task_problems, sittings
from tests.fakes.backends import write_model, write_rows

SAMPLING = Sampling(samples=2, temperature=1.0, top_p=1.0, max_new_tokens=6)
SMALL: Mapping[str, Mapping[str, Value]] = {
    "lora": {"r": 4},
    "p_tuning": {"virtual_tokens": 3},
    "full": {},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_model(folder / "model")
    write_rows(folder / "rows.jsonl")
    return folder


@pytest.fixture(scope="module")
def worker(made: Path) -> Worker:
    torch.set_num_threads(1)
    return Worker(made / "trials")


def spec(made: Path, method: str) -> TrialSpec:
    recipe = Recipe(learning_rate=0.05, max_steps=4, batch_size=4, warmup_steps=0, validate_every=2)
    data = DataRef(str(made / "rows.jsonl"), sequence_length=48, packing="rows")
    number = list(SMALL).index(method)
    return TrialSpec("tiny", number, method, SMALL[method], recipe, ModelRef(str(made / "model")), data)


def trained(worker: Worker, trial: TrialSpec) -> Checkpoint:
    assert worker.start(TrainTask(trial, 4)) is None
    assert worker.working == 1
    while not (ended := worker.turn()):
        pass
    assert ended[0].state is TrialState.PAUSED
    assert ended[0].checkpoint and not worker.working
    return ended[0].checkpoint


def eval_task(trial: TrialSpec, checkpoint: Checkpoint | None = None, limit: int | None = 3) -> EvalTask:
    return EvalTask(trial, checkpoint, "primer", SAMPLING, limit)


def target_modules(completions: list[Completion]) -> set[tuple[str, int]]:
    return {(completion.problem, completion.sample) for completion in completions}


def test_the_base_answers_every_problem_as_often_as_asked(worker: Worker, made: Path) -> None:
    asked = eval_task(spec(made, "lora"))
    written = list(worker.write(asked))
    assert target_modules(written) == {
        (problem, sample) for problem in eval_task_problems(asked) for sample in (0, 1)
    }
    assert len(written) == 6


@pytest.mark.parametrize("method", SMALL)
def test_a_tuned_model_answers_every_problem_and_leaves_the_base_as_it_was(
    method: str, worker: Worker, made: Path
) -> None:
    trial = spec(made, method)
    before = list(worker.write(eval_task(trial)))
    tuned = list(worker.write(eval_task(trial, trained(worker, trial))))
    assert target_modules(tuned) == target_modules(before)
    assert [completion.text for completion in tuned] != [completion.text for completion in before]
    assert list(worker.write(eval_task(trial))) == before


def test_who_wrote_before_does_not_matter(worker: Worker, made: Path) -> None:
    trial = spec(made, "lora")
    asked = eval_task(trial, trained(worker, trial))
    assert list(worker.write(asked)) == list(Worker(made / "elsewhere").write(asked))


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux says in /proc what is mapped")
def test_a_base_in_shared_memory_trains_and_writes_the_same_and_stays_as_it_was(made: Path) -> None:
    shared = SharedBases(made / "bases", least=1)
    trials = [spec(made, method) for method in ("lora", "full")]
    trials = [replace(trial, model=replace(trial.model, dtype="bf16")) for trial in trials]
    mapped = load_base(trials[0].model, shared=shared).model
    kept = {path: path.read_bytes() for path in shared.folder.rglob("*.safetensors")}
    assert kept and private_bytes(mapped) == 0
    outcomes = []
    for worker in (Worker(made / "alone"), Worker(made / "shared", shared=shared)):
        checkpoints = [trained(worker, trial) for trial in trials]
        eval_tasks = [eval_task(trial, held) for trial, held in zip(trials, checkpoints, strict=True)]
        adapters = [next(Path(held.folder).glob("adapter/*.safetensors")) for held in checkpoints]
        outcomes.append(([path.read_bytes() for path in adapters], worker.write_all(eval_tasks)))
    assert outcomes[0] == outcomes[1]
    assert kept == {path: path.read_bytes() for path in shared.folder.rglob("*.safetensors")}


def test_only_the_named_problems_are_answered(worker: Worker, made: Path) -> None:
    asked = eval_task(spec(made, "lora"), limit=None)
    chosen = eval_task_problems(asked)[4:6]
    assert {c.problem for c in worker.write(asked, chosen)} == set(chosen)


def test_pieces_of_an_eval_task_are_the_whole_eval_task(worker: Worker, made: Path) -> None:
    asked = eval_task(spec(made, "lora"))
    pieces = [c for problem in eval_task_problems(asked) for c in worker.write(asked, [problem])]
    assert sorted(pieces, key=repr) == sorted(worker.write(asked), key=repr)


def test_an_eval_task_asks_the_first_problems_up_to_its_limit(made: Path) -> None:
    everything = [problem.id for problem in load_evaluator("primer").problems()]
    assert eval_task_problems(eval_task(spec(made, "lora"), limit=None)) == everything
    assert eval_task_problems(eval_task(spec(made, "lora"), limit=2)) == everything[:2]


def test_models_of_one_sitting_write_what_each_writes_alone(worker: Worker, made: Path) -> None:
    trials = [spec(made, method) for method in SMALL]
    eval_tasks = [eval_task(trials[0]), *(eval_task(trial, trained(worker, trial)) for trial in trials)]
    assert worker.write_all(eval_tasks) == [worker.write(one) for one in eval_tasks]


def test_a_sitting_goes_on_without_the_model_that_breaks_down(worker: Worker, made: Path) -> None:
    trial = spec(made, "lora")
    checkpoint = trained(worker, trial)
    eval_tasks = [
        eval_task(trial),
        eval_task(replace(trial, seed=trial.seed + 1), checkpoint),
        eval_task(trial, checkpoint),
    ]
    base, lost, tuned = worker.write_all(eval_tasks)
    assert isinstance(lost, TornFile)
    assert [base, tuned] == [worker.write(eval_tasks[0]), worker.write(eval_tasks[2])]


def test_eval_tasks_sit_together_that_ask_the_same_of_the_same_base(made: Path) -> None:
    one, other = eval_task(spec(made, "lora")), eval_task(spec(made, "p_tuning"))
    longer, elsewhere = (
        eval_task(spec(made, "lora"), limit=2),
        replace(spec(made, "lora"), model=ModelRef("m")),
    )
    assert sittings([one, longer, other, eval_task(elsewhere)]) == [
        [one, other],
        [longer],
        [eval_task(elsewhere)],
    ]
    assert [len(some) for some in sittings([one] * 40)] == [16, 16, 8]


def test_a_damaged_checkpoint_is_not_examined(worker: Worker, made: Path) -> None:
    trial = spec(made, "lora")
    checkpoint = trained(worker, trial)
    (Path(checkpoint.folder) / "optimizer.safetensors").unlink()
    with pytest.raises(TornFile, match=r"optimizer\.safetensors"):
        list(worker.write(eval_task(trial, checkpoint)))


def test_a_base_that_cannot_be_loaded_ends_the_worker(worker: Worker, made: Path) -> None:
    trial = spec(made, "lora")
    elsewhere = TrialSpec("tiny", 9, "lora", {}, trial.recipe, ModelRef("/no/such/folder"), trial.data)
    with pytest.raises(ConfigError, match="/no/such/folder"):
        worker.start(TrainTask(elsewhere, 4))
    assert worker.working == 0


def test_a_checkpoint_of_another_trial_is_not_examined(worker: Worker, made: Path) -> None:
    trial = spec(made, "lora")
    with pytest.raises(TornFile, match="of another trial than t"):
        list(worker.write(eval_task(replace(trial, seed=trial.seed + 1), trained(worker, trial))))

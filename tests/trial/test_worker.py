"""One worker trains trials and writes completions of the base and of tuned models."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from astraios_ray.data.templates import template_tokens
from astraios_ray.data.text_tokens import TextTokens, encode_texts
from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.models.load_base import load_base
from astraios_ray.models.shared_weights import MAPS, SharedBases, private_bytes
from astraios_ray.records import (
    Checkpoint,
    Completion,
    DataRef,
    EvalTask,
    Mask,
    ModelRef,
    Recipe,
    Sampling,
    TrainTask,
    TrialSpec,
    TrialState,
    ValidationPoint,
    Value,
)
from astraios_ray.training.checkpoints import is_whole
from astraios_ray.trial.worker import Worker, eval_batches, eval_task_problems
from tests.fakes.backends import write_model, write_rows

SAMPLING = Sampling(samples=2, temperature=1.0, top_p=1.0, max_new_tokens=6)
SMALL: Mapping[str, Mapping[str, Value]] = {
    "lora": {"r": 4},
    "p_tuning": {"virtual_tokens": 3},
    "full": {},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_model(folder / "model")
    write_rows(folder / "rows.jsonl")
    return folder


@pytest.fixture(scope="module")
def worker(folder: Path) -> Worker:
    torch.set_num_threads(1)
    return Worker(folder / "trials")


def spec(folder: Path, method: str) -> TrialSpec:
    recipe = Recipe(learning_rate=0.05, max_steps=4, batch_size=4, warmup_steps=0, validate_every=2)
    data = DataRef(str(folder / "rows.jsonl"), sequence_length=48, packing="rows")
    number = list(SMALL).index(method)
    return TrialSpec("tiny", number, method, SMALL[method], recipe, ModelRef(str(folder / "model")), data)


def trained(worker: Worker, trial: TrialSpec) -> Checkpoint:
    assert worker.trainer.start(TrainTask(trial, 4)) is None
    assert worker.trainer.working == 1
    while not (ended := worker.trainer.turn()):
        pass
    assert ended[0].state is TrialState.PAUSED
    assert ended[0].checkpoint and not worker.trainer.working
    return ended[0].checkpoint


def eval_task(trial: TrialSpec, checkpoint: Checkpoint | None = None, limit: int | None = 3) -> EvalTask:
    return EvalTask(trial, checkpoint, "primer", SAMPLING, limit)


def samples(completions: list[Completion]) -> set[tuple[str, int]]:
    return {(completion.problem, completion.sample) for completion in completions}


def test_the_base_answers_every_problem_as_often_as_asked(worker: Worker, folder: Path) -> None:
    task = eval_task(spec(folder, "lora"))
    completions = list(worker.write(task))
    assert samples(completions) == {
        (problem, sample) for problem in eval_task_problems(task) for sample in (0, 1)
    }
    assert len(completions) == 6


@pytest.mark.parametrize("method", SMALL)
def test_a_tuned_model_answers_every_problem_and_leaves_the_base_as_it_was(
    method: str, worker: Worker, folder: Path
) -> None:
    trial = spec(folder, method)
    before = list(worker.write(eval_task(trial)))
    tuned = list(worker.write(eval_task(trial, trained(worker, trial))))
    assert samples(tuned) == samples(before)
    assert [completion.text for completion in tuned] != [completion.text for completion in before]
    assert list(worker.write(eval_task(trial))) == before


def test_who_wrote_before_does_not_matter(worker: Worker, folder: Path) -> None:
    trial = spec(folder, "lora")
    task = eval_task(trial, trained(worker, trial))
    assert list(worker.write(task)) == list(Worker(folder / "elsewhere").write(task))


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux says in /proc what is mapped")
def test_a_base_in_shared_memory_trains_and_writes_the_same_and_stays_as_it_was(folder: Path) -> None:
    shared = SharedBases(folder / "bases", least=1)
    trials = [spec(folder, method) for method in ("lora", "full")]
    trials = [replace(trial, model=replace(trial.model, dtype="bf16")) for trial in trials]
    mapped = load_base(trials[0].model, shared=shared).model
    files = {path: path.read_bytes() for path in shared.folder.rglob("*.safetensors")}
    assert files and private_bytes(mapped) == 0
    outcomes = []
    for worker in (Worker(folder / "alone"), Worker(folder / "shared", shared=shared)):
        checkpoints = [trained(worker, trial) for trial in trials]
        eval_tasks = [
            eval_task(trial, checkpoint) for trial, checkpoint in zip(trials, checkpoints, strict=True)
        ]
        adapters = [next(Path(checkpoint.folder).glob("adapter/*.safetensors")) for checkpoint in checkpoints]
        outcomes.append(([path.read_bytes() for path in adapters], worker.write_all(eval_tasks)))
    assert outcomes[0] == outcomes[1]
    assert files == {path: path.read_bytes() for path in shared.folder.rglob("*.safetensors")}


def test_only_the_named_problems_are_answered(worker: Worker, folder: Path) -> None:
    task = eval_task(spec(folder, "lora"), limit=None)
    names = eval_task_problems(task)[4:6]
    assert {c.problem for c in worker.write(task, names)} == set(names)


def test_parts_of_an_eval_task_are_the_whole_eval_task(worker: Worker, folder: Path) -> None:
    task = eval_task(spec(folder, "lora"))
    parts = [c for problem in eval_task_problems(task) for c in worker.write(task, [problem])]
    assert sorted(parts, key=repr) == sorted(worker.write(task), key=repr)


def test_an_eval_task_asks_the_first_problems_up_to_its_limit(folder: Path) -> None:
    everything = [problem.id for problem in load_evaluator("primer").problems()]
    assert eval_task_problems(eval_task(spec(folder, "lora"), limit=None)) == everything
    assert eval_task_problems(eval_task(spec(folder, "lora"), limit=2)) == everything[:2]


def test_models_of_one_batch_write_what_each_writes_alone(worker: Worker, folder: Path) -> None:
    trials = [spec(folder, method) for method in SMALL]
    eval_tasks = [eval_task(trials[0]), *(eval_task(trial, trained(worker, trial)) for trial in trials)]
    assert worker.write_all(eval_tasks) == [worker.write(one) for one in eval_tasks]


def test_a_batch_goes_on_without_the_model_that_breaks_down(worker: Worker, folder: Path) -> None:
    trial = spec(folder, "lora")
    checkpoint = trained(worker, trial)
    nowhere = Checkpoint(str(folder / "nowhere" / "checkpoint-4"), 4)
    otherwise = replace(trial, number=8)
    broken = replace(eval_task(otherwise, nowhere), points=(ValidationPoint(2, 0.01, 0.01, 1.0),))
    eval_tasks = [eval_task(trial), broken, eval_task(trial, checkpoint)]
    base, lost, tuned = worker.write_all(eval_tasks)
    assert isinstance(lost, TornFile)
    assert [base, tuned] == [worker.write(eval_tasks[0]), worker.write(eval_tasks[2])]


def test_eval_tasks_that_ask_the_same_of_the_same_base_are_one_batch(folder: Path) -> None:
    one, other = eval_task(spec(folder, "lora")), eval_task(spec(folder, "p_tuning"))
    longer, elsewhere = (
        eval_task(spec(folder, "lora"), limit=2),
        replace(spec(folder, "lora"), model=ModelRef("m")),
    )
    assert eval_batches([one, longer, other, eval_task(elsewhere)]) == [
        [one, other],
        [longer],
        [eval_task(elsewhere)],
    ]
    assert [len(batch) for batch in eval_batches([one] * 40)] == [16, 16, 8]


def test_training_sets_are_asked_together_and_templates_are_not(folder: Path) -> None:
    trial = spec(folder, "lora")
    region = replace(trial, data=replace(trial.data, mask=Mask("length")))
    other = replace(trial, data=replace(trial.data, template="none"))
    tasks = [eval_task(one) for one in (trial, region, other)]
    assert eval_batches(tasks) == [tasks[:2], tasks[2:]]


def test_a_model_is_asked_in_the_template_of_its_trial(
    worker: Worker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = list[str]()

    def encode(tokenizer: Any, prompts: Sequence[str], **options: Any) -> Iterator[TextTokens]:
        texts.extend(prompts)
        return encode_texts(tokenizer, prompts, **options)

    monkeypatch.setattr(template_tokens, "encode_texts", encode)
    trial = spec(folder, "lora")
    worker.write(
        eval_task(replace(trial, data=replace(trial.data, template="<{{ prompt }}>{{ completion }}")))
    )
    assert len(texts) == 3
    assert all(text.startswith("<") and "Question" not in text and ">def " in text for text in texts)


@pytest.mark.parametrize("damage", ["a file is missing", "the folder is missing"])
def test_a_trial_with_a_damaged_checkpoint_is_trained_again_and_writes_the_same(
    damage: str, worker: Worker, folder: Path
) -> None:
    trial = spec(folder, "lora")
    checkpoint = trained(worker, trial)
    before = worker.write(eval_task(trial, checkpoint))
    if damage == "a file is missing":
        (Path(checkpoint.folder) / "optimizer.safetensors").unlink()
    else:
        shutil.rmtree(checkpoint.folder)
    assert worker.write(eval_task(trial, checkpoint)) == before
    assert is_whole(checkpoint, trial)


def test_a_base_that_cannot_be_loaded_ends_the_worker(worker: Worker, folder: Path) -> None:
    trial = spec(folder, "lora")
    elsewhere = TrialSpec("tiny", 9, "lora", {}, trial.recipe, ModelRef("/no/such/folder"), trial.data)
    with pytest.raises(ConfigError, match="/no/such/folder"):
        worker.trainer.start(TrainTask(elsewhere, 4))
    assert worker.trainer.working == 0


def test_a_checkpoint_of_another_trial_is_not_examined(worker: Worker, folder: Path) -> None:
    trial = spec(folder, "lora")
    other = replace(trial, seed=trial.seed + 1)
    before = worker.write(eval_task(other, trained(worker, other)))
    left = trained(worker, trial)
    assert worker.write(eval_task(other, left)) == before


def test_a_trial_that_breaks_when_it_is_trained_again_is_not_examined(worker: Worker, folder: Path) -> None:
    trial = replace(spec(folder, "lora"), number=7)
    diverging = replace(trial, recipe=replace(trial.recipe, learning_rate=1e30))
    checkpoint = Checkpoint(str(folder / "trials" / diverging.id / "checkpoint-4"), 4)
    with pytest.raises(TornFile, match=r"checkpoint-4 is damaged or missing, .* broke at step \d: .*loss"):
        worker.write(eval_task(diverging, checkpoint))

"""TrainTasks of one trainer: their reports, their files, and restarts that change nothing."""

import errno
import logging
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import SafetensorError
from transformers import PreTrainedTokenizerFast

from astraios_ray.data.tokenise import Blocks
from astraios_ray.errors import ConfigError, LaneBroken, TornFile
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef, ModelRef, TrainTask, TrialState
from astraios_ray.training.checkpoints import fingerprint, read_checkpoint
from astraios_ray.training.multi_trainer import ModelCache, MultiTrialTrainer
from astraios_ray.training.runtime import SingleProcess
from astraios_ray.training.trial_trainer import ADAPTER, TrialTrainer
from tests.fakes.backends import write_model
from tests.training.trials import METHODS, files, losses, served, trained, trainer, trial

each_method = pytest.mark.parametrize("method", METHODS)
NEWEST = "astraios_ray.training.multi_trainer.newest_checkpoint"


def test_points_stand_at_every_validation_and_at_the_end_of_the_train_task(tmp_path: Path) -> None:
    train_report = trained(trainer(tmp_path), trial(validate_every=2), until=5)
    assert [point.step for point in train_report.points] == [2, 4, 5]
    assert (train_report.state, train_report.reason) == (TrialState.PAUSED, "")


def test_the_training_loss_of_a_point_is_the_mean_since_the_point_before(tmp_path: Path) -> None:
    step_losses = [
        loss for _, _, loss in losses(trained(trainer(tmp_path / "1"), trial(validate_every=1), until=4))
    ]
    pairs = trained(trainer(tmp_path / "2"), trial(validate_every=2), until=4)
    means = [(step_losses[0] + step_losses[1]) / 2, (step_losses[2] + step_losses[3]) / 2]
    assert [loss for _, _, loss in losses(pairs)] == pytest.approx(means, abs=1e-12)


def test_a_train_task_from_a_checkpoint_brings_only_its_own_points(tmp_path: Path) -> None:
    multi_trainer = trainer(tmp_path)
    first = trained(multi_trainer, trial(), until=4)
    second = trained(multi_trainer, trial(), until=8, checkpoint=first.checkpoint)
    assert [point.step for point in second.points] == [6, 8]
    assert second.points[0].seconds > first.points[-1].seconds > 0


def test_a_checkpoint_knows_the_whole_history(tmp_path: Path) -> None:
    multi_trainer = trainer(tmp_path)
    first = trained(multi_trainer, trial(), until=4)
    second = trained(multi_trainer, trial(), until=6, checkpoint=first.checkpoint)
    assert second.checkpoint
    assert [point["step"] for point in read_checkpoint(second.checkpoint)["points"]] == [2, 4, 6]


def test_what_it_cost_is_said(tmp_path: Path) -> None:
    cost = trained(trainer(tmp_path), trial("ia3"), until=4).cost
    assert cost.trainable_parameters == 2 * (24 + 64)  # per layer: one scale for queries, keys, values; one
    assert 0 < cost.adapter_bytes < 20_000
    assert cost.seconds > 0 and cost.device_seconds > 0 and cost.load > 0
    assert cost.peak_memory_mib > 10


def test_device_time_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    second = trained(trainer(tmp_path), trial(), until=8, checkpoint=first.checkpoint)
    assert second.cost.device_seconds > first.cost.device_seconds > 0


def test_device_time_is_not_recorded_where_an_older_checkpoint_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    assert first.checkpoint
    facts = {**read_checkpoint(first.checkpoint), "seconds": 7.0}
    del facts["timing"]
    monkeypatch.setattr(NEWEST, lambda *_: (first.checkpoint, facts))
    second = trained(trainer(tmp_path), trial(), until=8, checkpoint=first.checkpoint)
    assert second.cost.seconds > 7.0
    assert (second.cost.device_seconds, second.cost.load) == (0.0, 0.0)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_diverging_trial_says_so_and_leaves_no_checkpoint(method: str, tmp_path: Path) -> None:
    spec = trial(method, learning_rate=1e30, warmup_steps=0)
    train_report = trained(trainer(tmp_path), spec, until=8)
    assert (train_report.state, train_report.checkpoint) == (TrialState.DIVERGED, None)
    assert "loss nan" in train_report.reason and "at step" in train_report.reason
    assert all(point.loss < 1e9 for point in train_report.points)
    assert not (tmp_path / spec.id).exists()


def test_a_trial_that_cannot_be_set_up_fails_alone(tmp_path: Path) -> None:
    multi_trainer = trainer(tmp_path)
    reports = served(multi_trainer, TrainTask(trial("loar", number=1), 4), TrainTask(trial(number=2), 4))
    assert reports["t0001"].state is TrialState.FAILED
    assert "Did you mean 'lora'" in reports["t0001"].reason
    assert reports["t0002"].state is TrialState.PAUSED


def test_a_trial_that_breaks_while_it_trains_fails_alone(tmp_path: Path) -> None:
    failing = trial(number=1, schedule="sawtooth", warmup_steps=0)
    reports = served(trainer(tmp_path), TrainTask(failing, 4), TrainTask(trial(number=2), 4))
    assert reports["t0001"].state is TrialState.FAILED
    assert "sawtooth" in reports["t0001"].reason
    assert reports["t0002"].state is TrialState.PAUSED


def test_a_base_that_cannot_be_loaded_is_no_fault_of_the_trial(tmp_path: Path) -> None:
    spec = replace(trial(), model=ModelRef("/no/such/folder"))
    with pytest.raises(ConfigError, match="/no/such/folder"):
        trainer(tmp_path).start(TrainTask(spec, 4))


def test_a_disk_that_takes_no_checkpoint_is_no_fault_of_the_trial(tmp_path: Path) -> None:
    (tmp_path / "t0000").write_text("a file where the folder should be")
    multi_trainer = trainer(tmp_path)
    with pytest.raises(LaneBroken, match="no checkpoint can be written there"):
        trained(multi_trainer, trial(), until=2)


@pytest.mark.parametrize("error", [SafetensorError("No space left on device"), RuntimeError("half a zip")])
def test_whatever_breaks_the_writing_of_a_checkpoint_is_no_fault_of_the_trial(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_save(trial_trainer: TrialTrainer, folder: Path) -> None:
        (folder / "half").write_text("written")
        raise error

    monkeypatch.setattr(TrialTrainer, "save", failing_save)
    with pytest.raises(LaneBroken, match=f"t0000: no checkpoint can be written there: .*{error}.*goes on"):
        trained(trainer(tmp_path), trial(), until=2)
    assert not list((tmp_path / "t0000").iterdir()), "what was half written takes room"


def test_a_whole_checkpoint_that_cannot_be_read_is_no_fault_of_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_load(trial_trainer: TrialTrainer, folder: Path, step: int) -> None:
        raise TornFile(f"{folder}: Input/output error")

    first = trained(trainer(tmp_path), trial(), until=2)
    monkeypatch.setattr(TrialTrainer, "load", failing_load)
    with pytest.raises(TornFile, match="checkpoint-2: Input/output error"):
        trained(trainer(tmp_path), trial(), until=4, checkpoint=first.checkpoint)


def test_a_whole_checkpoint_of_another_version_is_no_fault_of_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing_load(trial_trainer: TrialTrainer, folder: Path, step: int) -> None:
        raise ConfigError(f"{folder}: format 2, this version reads 1.")

    first = trained(trainer(tmp_path), trial(), until=2)
    monkeypatch.setattr(TrialTrainer, "load", failing_load)
    with pytest.raises(TornFile, match=r"of another version of the package: .* format 2"):
        trained(trainer(tmp_path), trial(), until=4, checkpoint=first.checkpoint)


@pytest.mark.parametrize("call", ["__init__", "load", "training_parts", "update", "validated"])
@pytest.mark.parametrize("others", [0, 1], ids=["alone", "beside another"])
def test_an_error_of_the_machine_is_no_fault_of_the_trial_wherever_it_comes(
    call: str, others: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    tasks = [TrainTask(trial(number=number), 4) for number in range(1 + others)]
    for task in tasks:
        trained(trainer(tmp_path), task.spec, until=2)
    monkeypatch.setattr(TrialTrainer, call, broken)
    with pytest.raises(LaneBroken, match="Input/output error"):
        served(trainer(tmp_path, pack_tokens=None), *tasks)


def test_a_folder_of_checkpoints_that_cannot_be_listed_is_no_fault_of_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(NEWEST, unreadable)
    with pytest.raises(LaneBroken, match="Permission denied"):
        trained(trainer(tmp_path), trial(), until=2)


def test_a_base_for_which_the_disk_has_no_room_is_no_fault_of_the_trial(tmp_path: Path) -> None:
    class FullDisk(ModelCache):
        def blocks(self, model: ModelRef, data: DataRef) -> Blocks:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(LaneBroken, match=r"the base or its rows cannot be loaded: OSError.*No space left"):
        MultiTrialTrainer(FullDisk(), tmp_path).start(TrainTask(trial(), 4))


def test_a_device_that_answers_no_more_is_no_fault_of_the_trial(tmp_path: Path) -> None:
    failing = trial(schedule="sawtooth", warmup_steps=0)
    multi_trainer = trainer(
        tmp_path, runtime=SingleProcess("meta")
    )  # a device on which nothing can be computed
    with pytest.raises(LaneBroken, match="meta answers no more"):
        trained(multi_trainer, failing, until=2)


def test_a_checkpoint_of_another_study_is_not_gone_on_from(tmp_path: Path) -> None:
    other_report = trained(trainer(tmp_path), trial(learning_rate=0.5), until=4)
    assert other_report.checkpoint
    report = trained(trainer(tmp_path), trial(), until=4)
    assert losses(report) == losses(trained(trainer(tmp_path / "alone"), trial(), until=4))
    assert report.checkpoint and read_checkpoint(report.checkpoint)["spec"] == fingerprint(trial())


def test_a_checkpoint_says_which_base_it_belongs_to(tmp_path: Path) -> None:
    checkpoint = trained(trainer(tmp_path), trial(), until=2).checkpoint
    assert checkpoint and read_checkpoint(checkpoint)["base_revision"] == "random"


def test_trials_side_by_side_are_what_they_are_alone(tmp_path: Path) -> None:
    specs = [trial(method, number=number, seed=number) for number, method in enumerate(METHODS)]
    reports = served(trainer(tmp_path / "all"), *(TrainTask(spec, 4) for spec in specs))
    for spec in specs:
        assert losses(reports[spec.id]) == losses(trained(trainer(tmp_path / "one"), spec, until=4))


@each_method
def test_paused_in_memory_or_read_from_disk_a_trial_goes_on_the_same(method: str, tmp_path: Path) -> None:
    in_memory, from_disk = trainer(tmp_path / "memory"), trainer(tmp_path / "disk", paused_kept=0)
    uninterrupted = trained(trainer(tmp_path / "whole"), trial(method), until=8)
    for multi_trainer in (in_memory, from_disk):
        first = trained(multi_trainer, trial(method), until=4)
        second = trained(multi_trainer, trial(method), until=8, checkpoint=first.checkpoint)
        assert losses(first) + losses(second) == losses(uninterrupted)
        assert second.checkpoint and uninterrupted.checkpoint
        assert files(second.checkpoint.folder) == files(uninterrupted.checkpoint.folder)


def test_the_slot_of_a_paused_trial_stays_until_too_many_are_paused(tmp_path: Path) -> None:
    multi_trainer = trainer(tmp_path, paused_kept=2)
    for number in range(4):
        trained(multi_trainer, trial(number=number), until=2)
    assert list(multi_trainer._paused) == ["t0002", "t0003"]


def test_a_trial_that_is_through_does_not_stay(tmp_path: Path) -> None:
    multi_trainer = trainer(tmp_path)
    trained(multi_trainer, trial(), until=8)
    assert not multi_trainer._paused


@pytest.mark.parametrize("paused_kept", [0, 8])
def test_a_torn_checkpoint_costs_time_and_changes_nothing(
    paused_kept: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    uninterrupted = trained(trainer(tmp_path / "whole"), trial(), until=8)
    multi_trainer = trainer(tmp_path / "torn", paused_kept=paused_kept)
    first = trained(multi_trainer, trial(), until=2)
    second = trained(multi_trainer, trial(), until=4, checkpoint=first.checkpoint)
    assert second.checkpoint and uninterrupted.checkpoint
    weights = Path(second.checkpoint.folder) / ADAPTER / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-7])
    with caplog.at_level(logging.WARNING):
        third = trained(multi_trainer, trial(), until=8, checkpoint=second.checkpoint)
    assert "checkpoint-4 is not whole: t0000 goes on from step 2" in caplog.text
    assert losses(third) == losses(uninterrupted)[2:]
    assert third.checkpoint
    assert files(third.checkpoint.folder) == files(uninterrupted.checkpoint.folder)


def test_without_any_whole_checkpoint_a_trial_begins_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    assert first.checkpoint
    (Path(first.checkpoint.folder) / "manifest.json").unlink()
    second = trained(trainer(tmp_path), trial(), until=8, checkpoint=first.checkpoint)
    assert "goes on from step 0" in caplog.text
    assert losses(second) == losses(trained(trainer(tmp_path / "whole"), trial(), until=8))[2:]


@pytest.mark.parametrize(("times", "refused"), [(1.0001, False), (1.1, True)])
def test_a_trial_that_is_trained_again_must_give_the_losses_of_its_record(
    times: float, refused: bool, tmp_path: Path
) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    assert first.checkpoint
    shutil.rmtree(first.checkpoint.folder)
    points = tuple(replace(point, loss=point.loss * times) for point in first.points)
    task = TrainTask(trial(), 8, first.checkpoint, points)
    if not refused:
        assert trainer(tmp_path).train(task).state is TrialState.PAUSED
        return
    with pytest.raises(TornFile, match=r"checkpoint-4 is .* gives loss [\d.]+ at step 2, recorded is"):
        trainer(tmp_path).train(task)


def test_a_trial_that_breaks_before_its_recorded_step_has_not_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    assert first.checkpoint
    shutil.rmtree(first.checkpoint.folder)
    monkeypatch.setattr(TrialTrainer, "validated", lambda self, total: math.nan)
    with pytest.raises(TornFile, match="broke at step 2: training loss"):
        trainer(tmp_path).train(TrainTask(trial(), 8, first.checkpoint, first.points))


def test_killed_in_the_middle_of_a_train_task_it_goes_on_from_the_last_point(tmp_path: Path) -> None:
    uninterrupted = trained(trainer(tmp_path / "whole"), trial(), until=8)
    killed = trainer(tmp_path / "killed", checkpoint_seconds=0.0)
    killed.start(TrainTask(trial(), 8))
    for _ in range(5):
        killed.turn()
    restarted = trainer(tmp_path / "killed")
    restarted.start(TrainTask(trial(), 8))
    turns = 1
    while not (reports := restarted.turn()):
        turns += 1
    assert turns == 4  # steps 5 to 8
    assert losses(reports[0]) == losses(uninterrupted)
    assert reports[0].checkpoint and uninterrupted.checkpoint
    assert files(reports[0].checkpoint.folder) == files(uninterrupted.checkpoint.folder)


def test_a_short_train_task_writes_one_checkpoint(tmp_path: Path) -> None:
    trained(trainer(tmp_path), trial(), until=8)
    assert [path.name for path in (tmp_path / "t0000").iterdir()] == ["checkpoint-8"]


def test_a_train_task_that_was_trained_already_comes_back_at_once_with_its_points(tmp_path: Path) -> None:
    first = trained(trainer(tmp_path), trial(), until=4)
    restarted = trainer(tmp_path)
    restarted.start(TrainTask(trial(), 4))
    (second,) = restarted.turn()
    assert (losses(second), second.checkpoint) == (losses(first), first.checkpoint)
    assert second.cost == first.cost


def test_a_tokenizer_without_an_end_of_text_is_refused_by_the_models_name(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model")
    endless = PreTrainedTokenizerFast(tokenizer_object=nano_tokenizer().backend_tokenizer)
    endless.save_pretrained(folder)
    with pytest.raises(ConfigError, match="model' has a tokenizer without an eos_token; samples end with it"):
        ModelCache().blocks(ModelRef(str(folder)), DataRef("builtin:primer"))

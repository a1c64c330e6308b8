"""A trainer is not affected by others, and learns what the method written by hand learns."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from transformers import get_scheduler

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.errors import TornFile
from astraios_ray.records import TrialSpec
from astraios_ray.training.order import rows_of_step
from astraios_ray.training.trial_trainer import ADAPTER, OPTIMIZER, TrialTrainer
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import tiny_model
from tests.fakes.tokenised import every
from tests.training.trials import METHODS, few_blocks, rows, tiny_base, trial

each_method = pytest.mark.parametrize("method", METHODS)


def train(trainer: TrialTrainer, steps: int) -> list[float]:
    return [trainer.step() for _ in range(steps)]


def parameters(trainer: TrialTrainer) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in trainer.tuned.trainable().items()}


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    """Equal to the bit, NaN equal to NaN."""
    return first.keys() == second.keys() and all(
        bool(((first[name] == second[name]) | (first[name].isnan() & second[name].isnan())).all())
        for name in first
    )


def run_alone(spec: TrialSpec, steps: int) -> tuple[list[float], float, dict[str, torch.Tensor]]:
    trainer = TrialTrainer(tiny_base(), few_blocks(), spec)
    return train(trainer, steps), trainer.validate(), parameters(trainer)


@each_method
@pytest.mark.parametrize("step", [0, 3])
def test_every_trial_is_validated_on_the_same_rows_at_every_step(method: str, step: int) -> None:
    trainer = TrialTrainer(tiny_base(), few_blocks(), trial(method, seed=step, micro_batch_size=2))
    train(trainer, step)
    for name in ("input_ids", "labels"):
        validation_rows = torch.cat([part.batch[name] for part in trainer.validation_parts()])
        assert torch.equal(validation_rows, getattr(few_blocks().validation, name))


@each_method
def test_a_trial_alone_equals_the_same_trial_beside_others_of_which_one_diverges(method: str) -> None:
    losses, validation, learnt = run_alone(trial(method), 4)
    base, blocks = tiny_base(), few_blocks()
    trainer = TrialTrainer(base, blocks, trial(method))
    neighbours = [
        TrialTrainer(base, blocks, trial("adapter_h", seed=1)),
        TrialTrainer(base, blocks, trial("lora", seed=2, learning_rate=1e30, warmup_steps=0)),
        TrialTrainer(base, blocks, trial("p_tuning", seed=3)),
    ]
    taking_turns = []
    for _ in range(4):
        taking_turns.append(trainer.step())
        for neighbour in neighbours:
            neighbour.step()
            neighbour.validate()
    assert not torch.isfinite(torch.tensor(neighbours[1].step()))
    assert taking_turns == losses
    assert trainer.validate() == validation
    assert equal(parameters(trainer), learnt)


@each_method
def test_the_same_trial_before_and_after_another_is_the_same(method: str) -> None:
    base, blocks = tiny_base(), few_blocks()
    first = TrialTrainer(base, blocks, trial(method))
    losses = train(first, 3)
    train(TrialTrainer(base, blocks, trial("parallel", seed=1)), 3)
    second = TrialTrainer(base, blocks, trial(method))
    assert train(second, 3) == losses
    assert equal(parameters(second), parameters(first))


@each_method
def test_saved_and_loaded_it_goes_on_as_if_nothing_had_been(method: str, tmp_path: Path) -> None:
    losses, validation, learnt = run_alone(trial(method), 6)
    first = TrialTrainer(tiny_base(), few_blocks(), trial(method))
    first_losses = train(first, 3)
    first.save(tmp_path)
    second = TrialTrainer(tiny_base(), few_blocks(), trial(method))
    second.load(tmp_path, 3)
    assert first_losses + train(second, 3) == losses
    assert (second.step_count, second.validate()) == (6, validation)
    assert equal(parameters(second), learnt)


def test_dropout_is_on_while_training_and_differs_from_step_to_step() -> None:
    blocks = Blocks(rows(4, seed=1), rows(4, seed=1))
    trainer = TrialTrainer(tiny_base(), blocks, trial(learning_rate=0.0, batch_size=4))
    first, second = train(trainer, 2)
    assert len({first, second, trainer.validate()}) == 3
    assert trainer.validate() == trainer.validate()


@each_method
def test_the_loss_falls_on_rows_that_were_not_trained_on(method: str) -> None:
    base = tiny_base()
    embeddings: Any = base.model.get_input_embeddings()  # type: ignore[operator]  # a Module may hold anything
    embeddings.weight.mul_(6)  # a random model says almost nothing; now a little more
    trainer = TrialTrainer(base, few_blocks(), trial(method, max_steps=24, learning_rate=0.1))
    base_loss = trainer.validate()
    train(trainer, 24)
    assert trainer.validate() < base_loss - 0.02


@each_method
def test_the_base_is_what_it_was(method: str) -> None:
    base = tiny_base()
    watch = Watch(base.model)
    trainer = TrialTrainer(base, few_blocks(), trial(method))
    train(trainer, 2)
    trainer.validate()
    watch.check()


@each_method
def test_small_forwards_give_the_gradients_of_one_large_one(method: str) -> None:
    spec = {"learning_rate": 1e-3, "warmup_steps": 0, "batch_size": 6}
    single = TrialTrainer(tiny_base("Llama"), few_blocks(), trial_without_dropout(method, **spec))
    split = TrialTrainer(
        tiny_base("Llama"), few_blocks(), trial_without_dropout(method, micro_batch_size=4, **spec)
    )
    assert train(split, 2) == pytest.approx(train(single, 2), abs=1e-6)
    for name, moment in first_moments(single).items():
        assert torch.allclose(first_moments(split)[name], moment, atol=1e-6, rtol=0), name


def test_a_part_without_a_token_to_predict_changes_nothing() -> None:
    training_rows = rows(4, seed=1)
    training_rows.labels[1] = -100
    blocks = Blocks(training_rows, rows(4, seed=2))
    single = TrialTrainer(tiny_base("Llama"), blocks, trial_without_dropout("ia3"))
    split = TrialTrainer(tiny_base("Llama"), blocks, trial_without_dropout("ia3", micro_batch_size=1))
    assert train(split, 3) == pytest.approx(train(single, 3), abs=1e-6)


def test_validation_is_the_mean_over_all_tokens_not_over_batches() -> None:
    base, blocks = tiny_base("Llama"), few_blocks(validation=7)
    model: Any = base.model
    rows_in_memory = every(blocks.validation)
    ids, labels = rows_in_memory.input_ids, rows_in_memory.labels
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=rows_in_memory.attention_mask).logits
    by_hand = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    trainer = TrialTrainer(
        base, blocks, trial_without_dropout("lora")
    )  # B is zero: still the base's function
    assert trainer.validate() == pytest.approx(float(by_hand), abs=1e-6)


def test_p_tuning_predicts_as_many_tokens_as_the_others() -> None:
    base, blocks = tiny_base("Llama"), few_blocks()
    train = every(blocks.train)
    ids, labels = train.input_ids, train.labels
    trainer = TrialTrainer(base, blocks, trial("p_tuning"))
    model: Any = trainer.tuned.model
    arguments = {"input_ids": ids, "attention_mask": train.attention_mask, "use_cache": False}
    with torch.no_grad():
        output = model(**arguments, labels=labels)
    total = torch.nn.functional.cross_entropy(
        output.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum"
    )
    predicted_by_the_others = int((labels[:, 1:] != -100).sum())
    assert float(total) / float(output.loss) == pytest.approx(predicted_by_the_others, abs=1e-3)
    assert int((labels != -100).sum()) == predicted_by_the_others


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft asks for it
def test_a_lora_trial_is_what_peft_and_torch_do_by_themselves(tmp_path: Path) -> None:
    spec = trial_without_dropout("lora", max_steps=10, warmup_steps=3, weight_decay=0.1, max_grad_norm=0.5)
    trainer, blocks = TrialTrainer(tiny_base("Llama"), few_blocks(), spec), few_blocks()
    trainer.tuned.save(tmp_path)
    plain = peft.PeftModel.from_pretrained(tiny_model("Llama"), tmp_path, is_trainable=True).train()
    expected = plain_loop(plain, every(blocks.train), spec)
    assert train(trainer, 10) == pytest.approx(expected, abs=1e-6)
    learnt = {n.replace("base_model.model.", "").replace(".default", ""): p for n, p in adapted(plain)}
    tensors = parameters(trainer)
    assert tensors.keys() == learnt.keys()
    for name, parameter in learnt.items():
        assert torch.allclose(tensors[name], parameter, atol=1e-6, rtol=0), name


def test_a_damaged_optimiser_file_is_named(tmp_path: Path) -> None:
    trainer = TrialTrainer(tiny_base(), few_blocks(), trial())
    train(trainer, 2)
    trainer.save(tmp_path)
    (tmp_path / OPTIMIZER).write_bytes((tmp_path / OPTIMIZER).read_bytes()[:-9])
    with pytest.raises(TornFile, match=OPTIMIZER):
        TrialTrainer(tiny_base(), few_blocks(), trial()).load(tmp_path, 2)


def test_an_optimiser_file_that_lacks_a_parameter_is_refused(tmp_path: Path) -> None:
    trainer = TrialTrainer(tiny_base(), few_blocks(), trial())
    trainer.save(tmp_path)  # no step was taken, so the file is empty
    with pytest.raises(TornFile, match="no state, or too much, for transformer"):
        TrialTrainer(tiny_base(), few_blocks(), trial()).load(tmp_path, 2)


def test_what_is_saved_is_the_adapter_and_the_optimiser(tmp_path: Path) -> None:
    trainer = TrialTrainer(tiny_base(), few_blocks(), trial())
    trainer.step()
    trainer.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {ADAPTER, OPTIMIZER}


def trial_without_dropout(method: str, **recipe: Any) -> TrialSpec:
    spec = trial(method, **recipe)
    values = {name: value for name, value in spec.hyperparameters.items() if name != "dropout"}
    hyperparameters = {**values, "dropout": 0.0} if method == "lora" else values
    return TrialSpec(
        spec.study, spec.number, method, hyperparameters, spec.recipe, spec.model, spec.data, spec.seed
    )


def first_moments(trainer: TrialTrainer) -> dict[str, torch.Tensor]:
    """AdamW's running means of the clipped gradients."""
    states = trainer._optimizer.state
    return {name: states[parameter]["exp_avg"] for name, parameter in trainer.tuned.trainable().items()}


def adapted(model: Any) -> list[tuple[str, torch.nn.Parameter]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def plain_loop(model: Any, data: Rows, spec: TrialSpec) -> list[float]:
    """Fine-tuning written without this package, except for the order of the rows."""
    recipe, learnable = spec.recipe, [p for _, p in adapted(model)]
    optimizer = torch.optim.AdamW(learnable, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    scheduler = get_scheduler(recipe.schedule, optimizer, recipe.warmup_steps, recipe.max_steps)
    losses = []
    for step in range(recipe.max_steps):
        numbers = rows_of_step(step, recipe.batch_size, len(data), spec.seed)
        loss = model(
            input_ids=data.input_ids[numbers],
            attention_mask=data.attention_mask[numbers],
            labels=data.labels[numbers],
        ).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnable, recipe.max_grad_norm)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    return losses


@dataclass(frozen=True)
class Noted(Rows):
    """Rows that note the numbers of those that are asked for."""

    asked: list[list[int]] = field(default_factory=list)

    def at(self, numbers: torch.Tensor) -> Rows:
        self.asked.append(numbers.tolist())
        return super().at(numbers)


def test_a_validation_makes_one_part_at_a_time_and_weighs_all() -> None:
    blocks = few_blocks(validation=5)
    validation = Noted(**vars(every(blocks.validation)))
    trainer = TrialTrainer(tiny_base(), Blocks(blocks.train, validation), trial("lora", micro_batch_size=2))
    parts = trainer.validation_parts()
    first = next(parts)
    assert validation.asked == [[0, 1]]
    rest = list(parts)
    assert validation.asked == [[0, 1], [2, 3], [4]]
    tokens = int((validation.labels != -100).sum())
    assert sum(part.weight for part in [first, *rest]) == tokens
    assert trainer.validated(2.0 * tokens) == 2.0

"""Several methods in one pass: each learns what it learns in a pass of its own."""

from collections.abc import Mapping, Sequence
from functools import partial

import pytest
import torch

from astraios_ray.methods import TunedModel
from astraios_ray.methods.tuned import Batch
from astraios_ray.records import Value
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens
from astraios_ray.shared_pass.shared_forward import together
from astraios_ray.training.randomness import Draws, RandomStream
from tests.contracts.base_watch import Watch
from tests.fakes.tiny_models import ARCHITECTURES, moved, tiny_model, tokens

Tensors = dict[str, torch.Tensor]
Kinds = Sequence[tuple[str, Mapping[str, Value]]]

LAYERS: Kinds = (
    ("lora", {"r": 3, "dropout": 0.2}),
    ("lora", {"r": 7, "alpha": 3, "rslora": True}),
    ("ia3", {}),
    ("adapter_h", {"bottleneck": 6, "dropout": 0.3}),
    ("adapter_p", {"bottleneck": 9}),
    ("parallel", {"bottleneck": 4, "scaling": 3.0}),
    ("parallel", {"bottleneck": 4, "placement": "he", "scaling": 4.0, "dropout": 0.1}),
    ("adapter_h", {"bottleneck": 5, "placement": "houlsby"}),
    ("lora", {"r": 4, "target": "all-linear"}),
    ("lora", {"r": 2, "target": "attention", "dropout": 0.3}),
    ("lora", {"r": 3, "target": "all-linear", "init": "pissa"}),
    ("lora", {"r": 3, "dora": True, "dropout": 0.2}),
    ("peft:LORA", {"r": 2, "lora_dropout": 0.2}),
)
PROMPTS: Kinds = (
    ("p_tuning", {"virtual_tokens": 5}),
    ("p_tuning", {"virtual_tokens": 5, "encoder_hidden_size": 8}),
)
TURNS: Kinds = (
    ("full", {}),
    ("peft:PREFIX_TUNING", {"num_virtual_tokens": 3}),
)


def batch(rows: int, seed: int) -> Batch:
    ids = tokens(rows, seed=seed)
    mask, labels = torch.ones_like(ids), ids.clone()
    mask[0, -2:], labels[0, -2:], labels[:, 0] = 0, -100, -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def draws(owner: int) -> Draws:
    return RandomStream(owner, "cpu").at(0)


def learnt(tuned: TunedModel, loss: torch.Tensor) -> Tensors:
    parameters = tuned.trainable()
    gradients = torch.autograd.grad(loss, list(parameters.values()), retain_graph=True)
    return {"loss": loss.detach(), **dict(zip(parameters, gradients, strict=True))}


def run_alone(tuned: TunedModel, rows: Batch, owner: int) -> Tensors:
    with tuned.attached(), draws(owner):
        tuned.model.train()
        arguments = {name: tensor for name, tensor in rows.items() if name != "labels"}
        call = partial(tuned.model, **arguments, use_cache=False)
        result = learnt(tuned, mean_losses(tuned.model, call, [next_tokens(rows["labels"])])[0])
        tuned.model.eval()
    return result


def all_at_once(tuned: Sequence[TunedModel], rows: Sequence[Batch]) -> list[Tensors]:
    with together(tuned, [draws(owner) for owner in range(len(tuned))], training=True) as shared:
        losses = shared.losses(rows)
        return [learnt(each, loss) for each, loss in zip(tuned, losses, strict=True)]


def distance(first: Tensors, second: Tensors) -> float:
    return max(float((first[name] - second[name]).abs().max()) for name in second)


@pytest.mark.parametrize("kinds", [LAYERS, PROMPTS], ids=["layers", "prompts"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_losses_and_gradients_are_those_of_each_alone(architecture: str, kinds: Kinds) -> None:
    base = tiny_model(architecture).double()
    tuned = moved(base, architecture, kinds)
    rows = [batch(2 + number % 3, seed=number) for number in range(len(tuned))]
    for number, (each, result) in enumerate(zip(tuned, all_at_once(tuned, rows), strict=True)):
        expected = run_alone(each, rows[number], number)
        assert expected["loss"].abs() > 1 and len(expected) > 1
        assert distance(result, expected) < 1e-12, kinds[number]


def test_a_row_without_meaning_harms_its_owner_alone() -> None:
    base = tiny_model("Llama")
    tuned = moved(base, "Llama", LAYERS)
    rows = [batch(2, seed=number) for number in range(len(tuned))]
    with torch.no_grad():
        for parameter in tuned[1].trainable().values():
            parameter.fill_(float("nan"))
    results = all_at_once(tuned, rows)
    assert results[1]["loss"].isnan()
    owners = [number for number in range(len(tuned)) if number != 1]
    assert all(distance(results[n], run_alone(tuned[n], rows[n], n)) < 1e-6 for n in owners)


def test_afterwards_the_base_and_the_methods_are_as_before() -> None:
    base = tiny_model()
    watch, tuned = Watch(base), moved(base, "GPTBigCode", (*LAYERS, *LAYERS))
    rows = [batch(2, seed=number) for number in range(len(tuned))]
    expected, generator = run_alone(tuned[3], rows[3], 3), torch.get_rng_state()
    all_at_once(tuned, rows)
    watch.check()
    assert torch.equal(torch.get_rng_state(), generator)
    assert distance(run_alone(tuned[3], rows[3], 3), expected) == 0


def test_one_that_is_attached_is_in_the_way() -> None:
    base = tiny_model()
    tuned = moved(base, "GPTBigCode", LAYERS)
    with tuned[0].attached(), pytest.raises(RuntimeError, match="another TunedModel is attached"):
        all_at_once(tuned[1:], [batch(2, seed=0)] * (len(LAYERS) - 1))


def test_inside_no_other_can_be_attached_or_made() -> None:
    base = tiny_model()
    tuned = moved(base, "GPTBigCode", LAYERS)
    with together(tuned[1:], [draws(0)] * (len(LAYERS) - 1), training=False):
        with pytest.raises(RuntimeError, match="another TunedModel is attached"):
            tuned[0].attach()
        with pytest.raises(RuntimeError, match="Detach it first"):
            moved(base, "GPTBigCode", LAYERS[:1])


@pytest.mark.parametrize(("name", "values"), TURNS)
def test_what_trains_the_base_or_fills_its_cache_says_that_it_takes_turns(
    name: str, values: Mapping[str, Value]
) -> None:
    assert not moved(tiny_model(), "GPTBigCode", [(name, values)])[0].packs


@pytest.mark.parametrize(("name", "values"), [*LAYERS, *PROMPTS])
def test_the_others_say_that_they_share(name: str, values: Mapping[str, Value]) -> None:
    assert moved(tiny_model(), "GPTBigCode", [(name, values)])[0].packs

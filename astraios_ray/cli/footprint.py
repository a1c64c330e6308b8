"""What a study's models take: trainable parameters and memory, counted without weights and without a GPU."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.methods import build
from astraios_ray.methods.base import outlined
from astraios_ray.models.load import BUILTIN, empty_from, empty_model
from astraios_ray.models.nano import nano_config
from astraios_ray.models.places import places_in
from astraios_ray.records import Value
from astraios_ray.space.domains import Domain, at, corners
from astraios_ray.space.fitting import RECIPE

DTYPE_BYTES = {"fp32": 4.0, "bf16": 2.0}
QUANTIZED_BYTES = {
    "int8": 1.0,
    "nf4": 0.516,
}  # nf4: 4 bits, and one constant per 64 weights, itself quantised
ADAMW_BYTES = 16  # per trainable fp32 parameter: itself, its gradient and AdamW's two moments
LAYER_BYTES = 34  # activations per token, layer and unit of width at 16 bits: Korthikanti et al. 2022,
# arXiv 2205.05198, equation 2, without the attention scores, which fused attention does not keep


@dataclass(frozen=True)
class BaseFootprint:
    """The shared base model of a lane."""

    parameters: int
    base_bytes: int  # frozen, quantised as the study says
    copy_bytes: int  # a private unquantised copy in training: weights, gradients and two moments
    activation_bytes: int  # of one forward and backward pass, roughly


@dataclass(frozen=True)
class MethodFootprint:
    """One method on the base: the fewest and the most parameters it trains, or why it cannot be put there."""

    least: int = 0
    most: int = 0
    slot_bytes: int = 0  # beside the base, for the largest configuration
    own_copy: bool = False
    packs: bool = False  # its trials share forward passes with others of their lane
    problem: str = ""


def model_without_weights(study: StudyConfig) -> nn.Module:
    """The study's base on the meta device. Raises ConfigError when its configuration cannot be read."""
    name = study.model.id
    if name.startswith(BUILTIN):
        return empty_from(nano_config(name.removeprefix(BUILTIN)))
    return empty_model(study.model.ref())


def base_footprint(study: StudyConfig, model: nn.Module) -> BaseFootprint:
    """What the base takes in a lane."""
    number = DTYPE_BYTES[study.model.dtype]
    parameters = sum(p.numel() for p in model.parameters())
    small = sum(p.numel() for p in _quantizable(model)) if study.model.quantization != "none" else 0
    frozen = (parameters - small) * number + small * QUANTIZED_BYTES.get(study.model.quantization, 0.0)
    return BaseFootprint(
        parameters, round(frozen), round(4 * number * parameters), _activations(study, model)
    )


def method_footprint(
    base: BaseFootprint, model: nn.Module, study: StudyConfig, method: str, domains: Mapping[str, Domain]
) -> MethodFootprint:
    """What ``method`` trains in the smallest and largest of its space, one parameter varied at a time."""
    places = study.model.places.places() if study.model.places else None
    made, shares = [], True
    try:
        found = places_in(model, places)
        for values in _variants(domains):
            shares = build(method, values).shares_base
            made.append(outlined(method, values, model if shares else deepcopy(model), found))
    except ConfigError as error:
        return MethodFootprint(problem=str(error))
    least, most = min(tuned.count for tuned in made), max(tuned.count for tuned in made)
    slot_bytes, packs = most * ADAMW_BYTES if shares else base.copy_bytes, all(tuned.packs for tuned in made)
    return MethodFootprint(least, most, slot_bytes, not shares, packs)


def _variants(domains: Mapping[str, Domain]) -> Iterator[dict[str, Value]]:
    own = {name: domain for name, domain in domains.items() if name not in RECIPE}
    ordinary = {name: at(domain, 0.5) for name, domain in own.items()}
    yield ordinary
    for name, domain in own.items():
        for value in corners(domain):
            if value != ordinary[name] and not isinstance(value, float):  # no float changes a count
                yield {**ordinary, name: value}


def _quantizable(model: nn.Module) -> Iterator[torch.Tensor]:
    """The weights that bitsandbytes rounds: those of linear layers, the head excepted."""
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | Conv1D) and name != "lm_head":
            yield module.weight


def _activations(study: StudyConfig, model: nn.Module) -> int:
    config: Any = model.config
    width, layers, words = map(int, (config.hidden_size, config.num_hidden_layers, config.vocab_size))
    rows = study.training.micro_batch_size or study.training.batch_size // study.lanes.workers
    number = DTYPE_BYTES[study.model.dtype]
    per_token = LAYER_BYTES * width * layers * number / 2 + words * (number + 4)  # logits, and a fp32 copy
    return round(rows * study.data.sequence_length * per_token)

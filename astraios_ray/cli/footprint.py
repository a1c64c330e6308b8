"""What a study's models take: trainable parameters and memory, counted without weights and without a GPU."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D

from astraios_ray.cli.room import Memory
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.methods import build
from astraios_ray.methods.base import outlined
from astraios_ray.models.load import DTYPES, empty_model
from astraios_ray.models.places import places_in
from astraios_ray.records import Value
from astraios_ray.space.domains import Domain, at, corners
from astraios_ray.space.fitting import RECIPE
from astraios_ray.space.specs import model_of
from astraios_ray.training.packs import GPU_TOKENS
from astraios_ray.training.traced import trace

DTYPE_BYTES = {"fp32": 4.0, "bf16": 2.0}
QUANTIZED_BYTES = {
    "int8": 1.0,
    "nf4": 0.516,
}  # nf4: 4 bits, and one constant per 64 weights, itself quantised


@dataclass(frozen=True)
class BaseFootprint:
    """The shared base model of a lane."""

    parameters: int
    base_bytes: int  # frozen, quantised as the study says


@dataclass(frozen=True)
class MethodFootprint:
    """One method on the base, its largest configuration; or why it cannot be put there."""

    least: int = 0  # parameters that it trains
    most: int = 0
    lane_bytes: int = 0  # of a lane with one slot, the base included
    slot_bytes: int = 0  # of each further slot in the same pass
    kept_bytes: int = 0  # of each further slot that waits for its turn
    own_copy: bool = False
    packs: bool = False  # its trials share forward passes with others of their lane
    in_a_pass: int = 1  # of its trials at most
    slots: int | None = None  # that fit; None: the memory is not known
    problem: str = ""


def model_without_weights(study: StudyConfig) -> nn.Module:
    """The study's base on the meta device. Raises ConfigError when its configuration cannot be read."""
    return empty_model(study.model.ref()).to(DTYPES[study.model.dtype])


def base_footprint(study: StudyConfig, model: nn.Module) -> BaseFootprint:
    """What the base takes in a lane."""
    parameters = sum(p.numel() for p in model.parameters())
    return BaseFootprint(parameters, _frozen(study, model, study.model.quantization))


def method_footprint(
    model: nn.Module, study: StudyConfig, method: str, domains: Mapping[str, Domain], memory: Memory | None
) -> MethodFootprint:
    """What ``method`` trains in the smallest and largest of its space, one parameter varied at a time, and
    what training the largest takes.
    """
    places = study.model.places.places() if study.model.places else None
    made, shares = [], True
    try:
        found = places_in(model, places)
        for values in _variants(domains):
            shares = build(method, values).shares_base
            made.append(outlined(method, values, model if shares else deepcopy(model), found))
        largest = max(made, key=lambda tuned: tuned.count)
        rows, length = _shape(study)
        traced = trace(largest, (rows, length), padded=study.data.packing == "rows")
    except ConfigError as error:
        return MethodFootprint(problem=str(error))
    packs = all(tuned.packs for tuned in made)
    asked = study.lanes.pack_tokens
    budget = (memory.pack_tokens if memory else GPU_TOKENS) if asked == "auto" else asked
    in_a_pass = max(1, budget // (rows * (length + largest.virtual_tokens))) if packs else 1
    one = MethodFootprint(
        least=min(tuned.count for tuned in made),
        most=largest.count,
        lane_bytes=_frozen(study, model, model_of(study, method).quantization) + traced.peak,
        slot_bytes=traced.peak,
        kept_bytes=traced.kept,
        own_copy=not shares,
        packs=packs,
        in_a_pass=in_a_pass,
    )
    return replace(one, slots=fitting(one, memory.bytes)) if memory else one


def fitting(one: MethodFootprint, memory: int) -> int:
    """How many slots fit into so many bytes: as many as share a pass, then others that wait their turn."""
    left = memory - one.lane_bytes
    if left < 0:
        return 0
    beside = min(left // one.slot_bytes, one.in_a_pass - 1)
    waiting = (left - beside * one.slot_bytes) // one.kept_bytes if beside == one.in_a_pass - 1 else 0
    return 1 + beside + waiting


def _shape(study: StudyConfig) -> tuple[int, int]:
    rows = study.training.micro_batch_size or study.training.batch_size // study.lanes.workers
    return rows, study.data.sequence_length


def _frozen(study: StudyConfig, model: nn.Module, quantization: str) -> int:
    parameters = sum(p.numel() for p in model.parameters())
    small = sum(p.numel() for p in _quantizable(model)) if quantization != "none" else 0
    number = DTYPE_BYTES[study.model.dtype]
    return round((parameters - small) * number + small * QUANTIZED_BYTES.get(quantization, 0.0))


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

"""What a study's models take: trainable parameters and memory, counted without weights and without a GPU."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from torch import nn

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import quantizable_weights
from astraios_ray.methods.method import TunedModel, outlined, traits_of
from astraios_ray.models.load_base import DTYPES, empty_model, refuse_unquantizable
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import TargetModules, TrainingSetup, Value
from astraios_ray.space.domains import Domain, at, corners
from astraios_ray.space.fitting import RECIPE
from astraios_ray.space.make_specs import model_of
from astraios_ray.studies.device_memory import Memory
from astraios_ray.training.master_weights import MasterWeights
from astraios_ray.training.memory_trace import MemoryTrace, trace
from astraios_ray.training.optimizers import OPTIMIZERS
from astraios_ray.training.pass_packing import GPU_TOKENS
from astraios_ray.training.training_setup import out_of_reach, training_setup

MOMENT_DTYPES = {1: "uint8", 2: "bfloat16", 4: "float32", 8: "float64"}  # by bytes of a value
DTYPE_BYTES = {"fp32": 4.0, "bf16": 2.0}
QUANTIZED_BYTES = {
    "int8": 1.0,
    "nf4": 0.516,
}  # nf4: 4 bits, and one constant per 64 weights, itself quantised


@dataclass(frozen=True)
class BaseFootprint:
    """What a lane's shared base model takes."""

    parameters: int
    base_bytes: int  # frozen, quantised as the study says
    target_modules: TargetModules | None  # None: the study names some that the model does not have
    out_of_reach: tuple[str, ...]  # large weights of the blocks that are in no target module


@dataclass(frozen=True)
class MethodFootprint:
    """What a method takes on the base, in its largest configuration; or why it cannot be put there."""

    least: int = 0  # parameters that it trains
    most: int = 0
    base_bytes: int = 0  # of the base that it is put on
    lane_bytes: int = 0  # of a lane with one slot, the base included
    slot_bytes: int = 0  # of each slot in a pass that slots share, beside the base
    kept_bytes: int = 0  # of each further slot that waits for its turn
    own_copy: bool = False
    packs: bool = False  # its trials share forward passes with others of their lane
    in_a_pass: int = 1  # of its trials at most
    slots: int | None = None  # that fit; None: the memory is not known
    setup: TrainingSetup | None = None  # of its largest configuration, with the targets of all
    problem: str = ""


def model_without_weights(study: StudyConfig) -> nn.Module:
    """The study's base on the meta device. Raises ConfigError as ``load_base`` does."""
    model = empty_model(study.model.ref()).to(DTYPES[study.model.dtype])
    refuse_unquantizable(model, study.model.quantization)
    return model


def base_footprint(study: StudyConfig, model: nn.Module) -> BaseFootprint:
    """The parameters of the base, its bytes in a lane, and the layers that methods can adapt."""
    parameters = sum(p.numel() for p in model.parameters())
    base_bytes = _frozen(study, model, study.model.quantization)
    try:
        target_modules = find_target_modules(model, study.model.ref().target_modules)
    except ConfigError:  # the problem of each method says so
        return BaseFootprint(parameters, base_bytes, None, ())
    return BaseFootprint(parameters, base_bytes, target_modules, out_of_reach(model, target_modules))


def method_footprint(
    model: nn.Module, study: StudyConfig, method: str, domains: Mapping[str, Domain], memory: Memory | None
) -> MethodFootprint:
    """How many parameters ``method`` trains at least and at most, and what training the most takes.

    The configurations vary one hyperparameter at a time.
    """
    candidates, shares = [], True
    try:
        matched_modules = find_target_modules(model, study.model.ref().target_modules)
        for values in _variants(domains):
            shares = traits_of(method, values).shares_base
            tuned = outlined(method, values, model if shares else deepcopy(model), matched_modules)
            candidates.append((tuned.count, values, tuned))
        most, values, largest = max(candidates, key=lambda one: one[0])
        packs = all(tuned.packs for *_, tuned in candidates)
        in_a_pass = _in_a_pass(study, largest, memory) if packs else 1
        companions = [outlined(method, values, model, matched_modules)] if in_a_pass > 1 else []
        one = _traced(study, [largest])
        shared = _traced(study, [largest, *companions]) if companions else one
    except ConfigError as error:
        return MethodFootprint(problem=str(error))
    base = _frozen(study, model, model_of(study, traits_of(method, values)).quantization)
    footprint = MethodFootprint(
        least=min(count for count, *_ in candidates),
        most=most,
        base_bytes=base,
        lane_bytes=base + one.peak,
        slot_bytes=shared.peak // (1 + len(companions)),
        kept_bytes=one.kept,
        own_copy=not shares,
        packs=packs,
        in_a_pass=in_a_pass,
        setup=_setup([tuned for *_, tuned in candidates], largest, matched_modules, study.training.optimizer),
    )
    return replace(footprint, slots=fitting(footprint, memory.bytes)) if memory else footprint


def _setup(
    candidates: Sequence[TunedModel], largest: TunedModel, target_modules: TargetModules, optimizer: str
) -> TrainingSetup:
    """What a trial would train. Paged moments are those of the same optimiser without pages."""
    kind = OPTIMIZERS[optimizer.removeprefix("paged_")]
    weights = list(MasterWeights(largest.trainable(), needed=kind.masters).parameters.values())
    widths = {kind.moment_bytes(weight) // (2 * weight.numel()) for weight in weights}
    moments = " and ".join(sorted(MOMENT_DTYPES[width] for width in widths))
    setups = [training_setup(tuned, target_modules, weights, moments, None) for tuned in candidates]
    targets = dict.fromkeys(target for setup in setups for target in setup.targets)
    return replace(training_setup(largest, target_modules, weights, moments, None), targets=tuple(targets))


def fitting(footprint: MethodFootprint, memory: int) -> int:
    """How many slots fit into so many bytes: as many as share a pass, then others that wait their turn."""
    if memory < footprint.lane_bytes:
        return 0
    free = memory - footprint.base_bytes
    sharing = max(1, min(free // footprint.slot_bytes, footprint.in_a_pass))
    if sharing < footprint.in_a_pass:
        return sharing
    return sharing + (free - sharing * footprint.slot_bytes) // footprint.kept_bytes


def _in_a_pass(study: StudyConfig, tuned: TunedModel, memory: Memory | None) -> int:
    """How many trials like ``tuned`` share a pass at most."""
    pack_tokens = study.lanes.pack_tokens
    tokens = (memory.pack_tokens if memory else GPU_TOKENS) if pack_tokens == "auto" else pack_tokens
    rows, length, _ = _shape(study)
    return max(1, tokens // (rows * (length + tuned.virtual_tokens)))


def _traced(study: StudyConfig, tuned: Sequence[TunedModel]) -> MemoryTrace:
    rows, length, passes = _shape(study)
    again, padded = study.training.activation_checkpointing, study.data.packing == "rows"
    optimizer = study.training.optimizer
    return trace(tuned, (rows, length), padded=padded, passes=passes, recompute=again, optimizer=optimizer)


def _shape(study: StudyConfig) -> tuple[int, int, int]:
    """Rows and tokens of a worker's forward pass, and how many passes make a step."""
    share = study.training.batch_size // study.lanes.workers
    rows = min(study.training.micro_batch_size or share, share)
    return rows, study.data.sequence_length, -(-share // rows)


def _frozen(study: StudyConfig, model: nn.Module, quantization: str) -> int:
    parameters = sum(p.numel() for p in model.parameters())
    small = sum(weight.numel() for weight in quantizable_weights(model)) if quantization != "none" else 0
    number = DTYPE_BYTES[study.model.dtype]
    return round((parameters - small) * number + small * QUANTIZED_BYTES.get(quantization, 0.0))


def ordinary(domains: Mapping[str, Domain]) -> dict[str, Value]:
    """The hyperparameters in the middle of their ranges."""
    return {name: at(domain, 0.5) for name, domain in domains.items() if name not in RECIPE}


def _variants(domains: Mapping[str, Domain]) -> Iterator[dict[str, Value]]:
    hyperparameters = {name: domain for name, domain in domains.items() if name not in RECIPE}
    middle = ordinary(domains)
    yield middle
    for name, domain in hyperparameters.items():
        for value in corners(domain):
            if value != middle[name] and not isinstance(value, float):  # no float changes a count
                yield {**middle, name: value}

"""Loads a base model: frozen, from safetensors only, without the model's own code."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedTokenizerFast,
)
from transformers.utils import cached_file
from transformers.utils import logging as transformers_logging

from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import quantizable_weights
from astraios_ray.models.answer_start import refuse_other_starts
from astraios_ray.models.model_source import (
    BUILTIN,
    Source,
    check_weights,
    find_source,
    fingerprint,
    tokenizer_digest,
)
from astraios_ray.models.nano import nano_config, nano_tokenizer
from astraios_ray.models.shared_weights import SharedBases, name_of
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import ModelRef, TargetModules

__all__ = [
    "BUILTIN",
    "DTYPES",
    "QUANTIZATIONS",
    "Base",
    "auto_class",
    "empty_from",
    "empty_model",
    "load_base",
    "load_tokenizer",
    "model_config",
    "model_contents",
    "refuse_unquantizable",
]

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
QUANTIZATIONS = ("none", "int8", "nf4")
COMMIT = re.compile("[0-9a-f]{40}")


@dataclass
class Base:
    """A frozen model in eval mode, with its tokenizer. Methods are put on ``model`` at ``target_modules``."""

    model: nn.Module
    tokenizer: PreTrainedTokenizerFast
    target_modules: TargetModules
    ref: ModelRef
    revision: str  # a hub commit, or a fingerprint of a folder's weights
    parameters: int = 0  # before quantisation; 0: not counted


def load_base(
    ref: ModelRef,
    device: str = "cpu",
    builtin: Callable[[str], Path] | None = None,
    shared: SharedBases | None = None,
) -> Base:
    """The model that ``ref`` names, on ``device``. ``builtin`` gives a built-in's folder by name.

    Weights come from safetensors only, and no code that comes with a model is run. int8 rounds weights and
    activations row by row (LLM.int8 without its outlier columns, which would depend on a batch's other rows);
    nf4 is QLoRA's (arXiv 2305.14314), with double quantisation. With ``shared``, the weights are the same to
    the bit, and on a CPU other processes of the machine map the same memory. Raises ConfigError.
    """
    dtype, source = _dtype(ref), find_source(ref, builtin)
    if ref.quantization != "none":
        refuse_unquantizable(empty_model(ref), ref.quantization)
    if source.folder:
        check_weights(ref, source.folder)
    pinned = _explained(ref, lambda: _pinned(source))
    revision = fingerprint(pinned.folder) if pinned.folder else str(pinned.revision)
    cpu_bases = shared if device == "cpu" else None
    model, tokenizer = _explained(
        ref,
        lambda: (
            _shared_model(ref, pinned, dtype, cpu_bases, revision)
            if cpu_bases
            else _load_model(ref, pinned, dtype, device),
            _load_tokenizer(pinned),
        ),
    )
    refuse_other_starts(model)
    model.requires_grad_(False).eval()
    model.config.use_cache = False
    target_modules = find_target_modules(model, ref.target_modules)
    return Base(model, tokenizer, target_modules, ref, revision, model.num_parameters())


def model_contents(ref: ModelRef, builtin: Callable[[str], Path] | None = None) -> dict[str, str]:
    """The current contents of ``ref``: a hub model's commit, or digests of a folder's weights and tokenizer.

    Raises ConfigError.
    """
    source = find_source(ref, builtin)
    if source.folder:
        check_weights(ref, source.folder)
        return {"weights": fingerprint(source.folder), "tokenizer": tokenizer_digest(source.folder)}
    return {"commit": str(_explained(ref, lambda: _pinned(source)).revision)}


def empty_model(ref: ModelRef) -> nn.Module:
    """The model without weights, on the meta device, from its configuration alone. Raises ConfigError."""
    return empty_from(model_config(ref))


def model_config(ref: ModelRef) -> Any:
    """The configuration of a model, as transformers has it. Raises ConfigError."""
    if ref.id.startswith(BUILTIN):
        return nano_config(ref.id.removeprefix(BUILTIN))
    source = find_source(ref, None)
    return _explained(ref, lambda: _config(source))


def load_tokenizer(ref: ModelRef) -> Any:
    """The tokenizer of a model; of a built-in one without its weights. Raises ConfigError."""
    if ref.id.startswith(BUILTIN):
        return nano_tokenizer()
    source = find_source(ref, None)
    return _explained(ref, lambda: _load_tokenizer(source))


def empty_from(config: Any) -> nn.Module:
    """A model without weights from a transformers configuration."""
    with torch.device("meta"):
        model: nn.Module = auto_class(config).from_config(config, trust_remote_code=False)
    refuse_other_starts(model)
    return model.requires_grad_(False).eval()


def refuse_unquantizable(model: nn.Module, quantization: str) -> None:
    """Raise ConfigError where ``quantization`` would leave all layers of ``model`` as they are."""
    if quantization == "none" or any(weight.numel() for weight in quantizable_weights(model)):
        return
    kinds = sorted({type(layer).__name__ for layer in model.modules() if isinstance(layer, nn.Linear)})
    raise ConfigError(
        f"model.quantization: found {quantization}, but bitsandbytes rounds no layer of "
        f"{type(model).__name__}, whose linear layers are {' and '.join(kinds)}. Leave it out."
    )


def _config(source: Source) -> Any:
    return AutoConfig.from_pretrained(
        source.name, revision=source.revision or "main", trust_remote_code=False
    )


def auto_class(config: Any) -> Any:
    """The class of transformers that loads a model of this configuration."""
    return AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM


def _dtype(ref: ModelRef) -> torch.dtype:
    if ref.dtype not in DTYPES:
        raise ConfigError(f"model.dtype: found {ref.dtype!r}, expected one of {', '.join(DTYPES)}.")
    if ref.quantization not in QUANTIZATIONS:
        value, names = ref.quantization, ", ".join(QUANTIZATIONS)
        raise ConfigError(f"model.quantization: found {value!r}, expected one of {names}.")
    return DTYPES[ref.dtype]


def _shared_model(
    ref: ModelRef, source: Source, dtype: torch.dtype, shared: SharedBases, revision: str
) -> Any:
    """The model on the CPU, from ``shared`` where its weights would be a private copy of this process."""
    form = f"{dtype} {_quantization(ref, dtype)}"

    def read(folder: Path) -> Any:
        """The model in ``folder``, whose files name their quantisation."""
        as_written = replace(ref, quantization="none")
        model = _load_model(as_written, Source(str(folder), None, folder), dtype, "cpu")
        model.name_or_path = model.config.name_or_path = source.name
        return model

    return shared.model(
        name_of(source.name, revision, form), lambda: _load_model(ref, source, dtype, "cpu"), read
    )


def _pinned(source: Source) -> Source:
    """``source`` with a hub model's commit in place of a tag or branch, which may move."""
    if source.folder or COMMIT.fullmatch(str(source.revision)):
        return source
    config = cached_file(source.name, "config.json", revision=source.revision)
    return replace(source, revision=Path(config).parent.name)


def _load_model(ref: ModelRef, source: Source, dtype: torch.dtype, device: str) -> Any:
    quantization = _quantization(ref, dtype)
    model, info = auto_class(_config(source)).from_pretrained(
        source.name,
        revision=source.revision or "main",
        dtype=dtype,
        device_map={"": device},
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
        **({"quantization_config": quantization} if quantization else {}),  # None would override the files
    )
    absent = [*info["missing_keys"], *info["mismatched_keys"]]
    if absent:
        raise ValueError(f"{len(absent)} weights are not in its files, {absent[0]!r} for one")
    if getattr(model, "is_quantized", False):
        from astraios_ray.models.rounded_layers import prepare_rounded_layers  # two seconds to import

        prepare_rounded_layers(model)
    return model


def _load_tokenizer(source: Source) -> Any:
    return AutoTokenizer.from_pretrained(
        source.name, revision=source.revision or "main", use_fast=True, trust_remote_code=False
    )


def _quantization(ref: ModelRef, dtype: torch.dtype) -> Any:
    if ref.quantization == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=0.0)
    if ref.quantization == "nf4":
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    return None


@contextmanager
def _quiet() -> Iterator[None]:
    """Inside, transformers shows no progress bars; from then on bitsandbytes logs no warning per forward."""
    logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
    progress_bar = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if progress_bar:
            transformers_logging.enable_progress_bar()


def _explained(ref: ModelRef, load: Callable[[], Any]) -> Any:
    """The result of ``load()``; its errors become a ConfigError that says what to do."""
    try:
        with _quiet():
            return load()
    except (OSError, ValueError, SafetensorError) as error:
        words = " ".join(str(error).split())[:400]
        at = f" at revision {ref.revision!r}" if ref.revision else ""
        raise ConfigError(
            f"model.id: {ref.id!r}{at} could not be loaded: {words} — expected builtin:<name>, a folder with "
            "config.json and *.safetensors, or a hub id with model.revision. Without network, download it "
            "where there is one (`hf download <id> --revision <commit>`) and give the folder."
        ) from error

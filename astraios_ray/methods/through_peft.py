"""Puts a method of the peft library on a shared base, and saves it in peft's layout."""

import copy
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import peft
import torch
from peft.utils import transformers_weight_conversion as conversion
from torch import nn

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError
from astraios_ray.linear_layers import text_prefix
from astraios_ray.methods.injection import LayerReplacement, injecting, seeded
from astraios_ray.methods.layer_updates import LayerUpdate
from astraios_ray.methods.linear import is_quantized
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel

ADAPTER = "default"  # peft's name for the one adapter that a wrapper holds
PREFIX = "base_model.model."
QUANTIZED_MARKS = ("is_loaded_in_8bit", "is_loaded_in_4bit")  # transformers' attributes of a model


class TunedLayers(TunedModel):
    """A peft method that replaces layers of the base."""

    def __init__(
        self,
        wrapper: Any,
        model: nn.Module,
        trainable: Mapping[str, nn.Parameter],
        origin: Origin,
        replacements: list[LayerReplacement],
    ) -> None:
        super().__init__(model, trainable, origin, replacements)
        self._wrapper = wrapper

    @property
    def base(self) -> nn.Module:
        """The model without peft's wrapper."""
        bare: nn.Module = self._wrapper.base_model.model
        return bare

    def merge(self) -> nn.Module | None:
        """A copy of the base with the method folded into its weights; None on a quantised base.

        Folding into rounded weights rounds again, which changes the logits.
        """
        if is_quantized(self._wrapper):
            return None
        with self.attached():
            wrapper = copy.deepcopy(self._wrapper)
        try:
            merged: nn.Module = wrapper.merge_and_unload()
        except (AttributeError, NotImplementedError, ValueError):  # peft's errors for types that cannot merge
            return None
        merged.requires_grad_(False).eval()
        vars(merged).pop("peft_config", None)
        return merged

    def _stored(self) -> dict[str, torch.Tensor]:
        return stored_in_peft_layout(self._wrapper)

    def _save_more(self, folder: Path) -> None:
        save_peft_config(self._wrapper, folder)


def apply_peft(
    base: nn.Module,
    config: Any,
    origin: Origin,
    *,
    bare: bool,
    describe: Callable[[Any], LayerUpdate | None],
    kind: type[TunedLayers] = TunedLayers,
) -> TunedLayers:
    """Put ``config``, of a peft method that replaces layers, on ``base``.

    With ``bare`` the base itself is called while attached, without peft's wrapper around it. ``describe``
    gives the update that a layer of the method makes. Raises ConfigError with peft's own words when peft
    refuses the hyperparameters.
    """
    prefix = text_prefix(base)
    if prefix:  # peft would adapt layers of the same names in a vision tower
        config.exclude_modules = f"(?!{re.escape(prefix)}).*"
    layers = _as_plain_layers(base) if bare else nullcontext()
    with seeded(base, origin.seed), injecting(base, describe) as replacements, layers:
        wrapper = wrap(base, config, origin.method)
        trainable = trainable_of(wrapper)
    # peft's mark, with which the next method would look like a second adapter
    vars(base).pop("peft_config", None)
    if is_quantized(base):
        for replacement in replacements:
            replacement.layer.register_forward_hook(_answer_in_kind)
    if not trainable:
        raise ConfigError(
            f"Method {origin.method!r}: nothing in {type(base).__name__} would be trained by it."
        )
    return kind(wrapper, base if bare else wrapper, trainable, origin, replacements)


@contextmanager
def _as_plain_layers(base: nn.Module) -> Iterator[None]:
    """Inside, peft puts the layers on a quantised base that it puts on any other.

    They add an update to a layer's output in float32 and round the sum, as a shared pass does. Those that
    peft has for int8 and nf4 round the update first, and then the sum again.
    """
    marks = {name: vars(base).pop(name) for name in QUANTIZED_MARKS if name in vars(base)}
    try:
        yield
    finally:
        vars(base).update(marks)


def wrap(base: nn.Module, config: Any, method: str, kind: Any = None) -> Any:
    """peft's wrapper around ``base``, of class ``kind`` where peft's own does not do.

    Raises ConfigError when peft refuses.
    """
    config.task_type = "SEQ_2_SEQ_LM" if is_encoder_decoder(base) else "CAUSAL_LM"
    kind = kind or peft.MODEL_TYPE_TO_PEFT_MODEL_MAPPING[config.task_type]
    config.base_model_name_or_path = getattr(base, "name_or_path", None) or None
    try:
        with warnings.catch_warnings(), _names_of_this_model():
            warnings.simplefilter("ignore")  # advice for other uses; this package checks what matters
            return kind(base, config, adapter_name=ADAPTER)
    except Exception as error:  # peft raises various errors for hyperparameters that do not fit a model
        raise ConfigError(f"Method {method!r}: peft refuses: {error}") from error


def trainable_of(wrapper: Any) -> dict[str, nn.Parameter]:
    """The parameters that take gradients, by names without the adapter's."""
    return {
        name.removeprefix(PREFIX).replace(f".{ADAPTER}", ""): parameter
        for name, parameter in wrapper.named_parameters()
        if parameter.requires_grad
    }


def stored_in_peft_layout(wrapper: Any) -> dict[str, torch.Tensor]:
    """The adapter's live tensors, no copies, by their names in peft's file."""
    tensors: dict[str, torch.Tensor] = peft.get_peft_model_state_dict(wrapper, save_embedding_layers=False)
    return tensors


def save_peft_config(wrapper: Any, folder: Path, **changes: object) -> None:
    """Write ``adapter_config.json``, with ``changes``, for ``peft.PeftModel.from_pretrained``.

    No file is written where peft would put the adapter on other weights than it was trained on.
    """
    config = copy.deepcopy(wrapper.peft_config[ADAPTER])
    if _means_experts(config, wrapper):
        return
    for name, value in {"inference_mode": True, **changes}.items():
        setattr(config, name, value)
    config.save_pretrained(str(folder))


@contextmanager
def _names_of_this_model() -> Iterator[None]:
    """Inside, peft takes the names of target modules as they are.

    Of a model with experts it takes ``down_proj`` for the experts' layers of transformers 4, which are one
    parameter now, and would adapt this parameter and no linear layer.
    """
    original = conversion.convert_peft_config_for_transformers
    conversion.convert_peft_config_for_transformers = _no_conversion
    try:
        yield
    finally:
        conversion.convert_peft_config_for_transformers = original


def _no_conversion(peft_config: Any, model: nn.Module, conversions: Any) -> None:
    """In place of peft's conversion: ``peft_config`` stays as it is."""


def _means_experts(config: Any, wrapper: Any) -> bool:
    """Whether peft would take target modules of ``config`` for the experts of the model."""
    converted = copy.deepcopy(config)
    try:
        conversion.convert_peft_config_for_transformers(converted, wrapper.get_base_model(), None)
    except ValueError:  # it fuses two names, and one of them is missing
        return True
    return bool(getattr(converted, "target_parameters", None))


def _answer_in_kind(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> torch.Tensor:
    """The output in the input's dtype: peft's (IA)3 gives float32 on a quantised bf16 layer."""
    return output.to(inputs[0].dtype)

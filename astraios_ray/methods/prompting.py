"""Virtual tokens before the input, invisible to the caller: the logits are those of the input tokens."""

from pathlib import Path
from typing import Any

import peft
import torch
from torch import nn

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import seeded
from astraios_ray.methods.prompted_encoder import PromptedEncoder
from astraios_ray.methods.stored import TENSOR_FILE, Origin, write_tensors
from astraios_ray.methods.through_peft import (
    ADAPTER,
    save_peft_config,
    stored_in_peft_layout,
    trainable_of,
    wrap,
)
from astraios_ray.methods.tuned import Batch, TunedModel

ENCODER_FILE = "prompt_encoder.safetensors"
# types whose virtual tokens peft itself puts before every step, even of one that continues from a cache
NO_CACHE = (
    "PROMPT_TUNING",
    "MULTITASK_PROMPT_TUNING",
    "P_TUNING",
    "PREFIX_TUNING",
    "CPT",
    "ADAPTION_PROMPT",
)
WHY_NOT_MERGED = "puts virtual tokens before the input, which are no weights of the base"


class Prompted(peft.PeftModelForCausalLM):  # type: ignore[misc]  # peft has no types
    """peft's wrapper, except that it can be called like the base, with a cache or without.

    peft's own forward inserts the virtual tokens again at every step of a cached generation, and returns
    logits for them too.
    """

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        past_key_values: Any = None,
        position_ids: torch.Tensor | None = None,
        **arguments: Any,
    ) -> Any:
        """The base's output for the input tokens alone.

        Masks and positions count the input tokens alone, without the virtual ones. The exception is a mask
        over all tokens of the cache and the new ones: then mask and positions go to the base unchanged.
        """
        virtual, config = self.active_peft_config.num_virtual_tokens, self.active_peft_config
        rows, length = input_ids.shape
        cached_tokens = 0 if past_key_values is None else past_key_values.get_seq_length()
        has_cache = cached_tokens > 0
        if has_cache and attention_mask is not None and attention_mask.shape[1] == cached_tokens + length:
            arguments.update(past_key_values=past_key_values, position_ids=position_ids, labels=labels)
            arguments.update(attention_mask=attention_mask)
            return self.base_model(input_ids=input_ids, **_without_none(arguments))
        as_cache = str(config.peft_type.value) == "PREFIX_TUNING"
        if has_cache or as_cache:
            cache = past_key_values if has_cache else self.get_prompt(rows)
            position_ids = None if position_ids is None else position_ids + virtual
            mask = None if attention_mask is None else _longer(attention_mask, virtual, 1)
            arguments.update(past_key_values=cache, position_ids=position_ids)
            arguments.update(labels=labels, attention_mask=mask)
            return self.base_model(input_ids=input_ids, **_without_none(arguments))
        if position_ids is not None:
            virtual_positions = torch.arange(virtual, device=position_ids.device).expand(rows, -1)
            position_ids = torch.cat([virtual_positions, position_ids + virtual], dim=1)
        batch = _without_none({"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels})
        arguments.update(past_key_values=past_key_values, position_ids=position_ids)
        output = self.base_model(**self.prepare(batch), **_without_none(arguments))
        output.logits = output.logits[:, -length:]
        return output

    def prepare(self, batch: Batch) -> Batch:
        """Embeddings, mask and labels with the virtual tokens before each row. Raises ConfigError."""
        ids, virtual = batch["input_ids"], self.active_peft_config.num_virtual_tokens
        self._refuse_if_too_long(virtual + ids.shape[1])
        embeddings = self.word_embeddings(ids)
        prompt = self.get_prompt(batch_size=1).to(embeddings.dtype).expand(len(ids), -1, -1)  # encoded once
        fill = {"attention_mask": 1, "labels": -100}
        longer = {name: _longer(batch[name], virtual, value) for name, value in fill.items() if name in batch}
        return {"inputs_embeds": torch.cat([prompt, embeddings], dim=1), **longer}

    def _refuse_if_too_long(self, tokens: int) -> None:
        config = self.base_model.config.get_text_config(decoder=True)
        most = getattr(config, "n_positions", None)  # the number of GPT's learned positions
        if most and tokens > most:
            raise ConfigError(
                f"{tokens} tokens, the virtual ones included, are more than the model's {most} positions. "
                "Use shorter rows (data.sequence_length) or fewer virtual tokens."
            )


class TunedPrompt(TunedModel):
    """Virtual tokens on a base whose layers stay as they are. Attaching and detaching do nothing.

    It saves two files: the virtual tokens' embeddings, which peft needs for inference, and the encoder that
    makes them, which training needs to continue. It cannot be merged.
    """

    file = ENCODER_FILE

    def __init__(self, wrapper: Any, origin: Origin) -> None:
        super().__init__(wrapper, trainable_of(wrapper), origin)

    @property
    def packs(self) -> bool:
        """False for prefix tuning, whose keys and values are in a cache that all rows share."""
        wrapper: Any = self.model
        return str(wrapper.active_peft_config.peft_type.value) != "PREFIX_TUNING"

    @property
    def base(self) -> nn.Module:
        """The model without peft's wrapper."""
        wrapper: Any = self.model
        bare: nn.Module = wrapper.base_model
        return bare

    @property
    def virtual_tokens(self) -> int:
        """The number that the hyperparameters set."""
        wrapper: Any = self.model
        return int(wrapper.active_peft_config.num_virtual_tokens)

    def prepare(self, batch: Batch) -> Batch:
        """``batch`` with the virtual tokens before each row."""
        wrapper: Any = self.model
        longer: Batch = wrapper.prepare(batch)
        return longer

    def _stored(self) -> dict[str, torch.Tensor]:
        wrapper: Any = self.model
        tensors: dict[str, torch.Tensor] = wrapper.prompt_encoder[ADAPTER].state_dict()
        return tensors

    def _save_more(self, folder: Path) -> None:
        write_tensors(folder / TENSOR_FILE, stored_in_peft_layout(self.model))
        save_peft_config(self.model, folder)


def apply_prompt(base: nn.Module, config: Any, origin: Origin) -> TunedModel:
    """Put ``config``, of a peft method with virtual tokens, before ``base``. Raises ConfigError."""
    encodes = is_encoder_decoder(base)
    if encodes and str(config.peft_type.value) == "PREFIX_TUNING":
        raise ConfigError(
            f"Method {origin.method!r}: its keys and values have no place in an encoder-decoder here; "
            "p_tuning and peft:PROMPT_TUNING put virtual tokens before the encoder's input."
        )
    _set_sizes(base, config)
    with seeded(base, origin.seed):
        return TunedPrompt(
            wrap(base, config, origin.method, PromptedEncoder if encodes else Prompted), origin
        )


def _set_sizes(base: Any, config: Any) -> None:
    """Give peft the sizes that it does not find under the names of some architectures, or finds twice.

    Virtual tokens do not depend on the number of heads, so a model without attention has 1; prefixes do.
    Virtual tokens are as wide as the embeddings, which some models project to the width of their layers.
    """
    if config.token_dim is None:
        config.token_dim = base.get_input_embeddings().weight.shape[1]
    config.num_transformer_submodules = 1
    text_config = base.config.get_text_config(decoder=True)
    default = None if str(config.peft_type.value) == "PREFIX_TUNING" else 1
    config.num_attention_heads = getattr(text_config, "num_attention_heads", default)


def _longer(rows: torch.Tensor, virtual: int, value: int) -> torch.Tensor:
    """``rows`` [rows, tokens] with ``virtual`` times ``value`` before each."""
    return torch.cat([rows.new_full((len(rows), virtual), value), rows], dim=1)


def _without_none(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}

"""Virtual tokens before the prompt, made by a small encoder.

Source: Liu et al. 2021 (arXiv 2103.10385). Defaults: Astraios, ``training/peft_config.py`` (30 tokens, an
MLP of three layers as wide as the model, two ReLU between them). peft has no dropout in this encoder.
"""

from dataclasses import dataclass
from typing import ClassVar

import peft
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.method import METHODS, origin_values
from astraios_ray.methods.prompting import WHY_NOT_MERGED, apply_prompt
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules


@METHODS.add("p_tuning")
@dataclass(frozen=True)
class PTuning:
    """``virtual_tokens`` embeddings and their encoder. Every row gets that many tokens longer."""

    virtual_tokens: int = 30
    encoder_hidden_size: int | None = None  # None: as wide as the model
    traits: ClassVar[MethodTraits] = MethodTraits(why_not_merged=WHY_NOT_MERGED)
    needs: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.virtual_tokens < 1 or (self.encoder_hidden_size is not None and self.encoder_hidden_size < 1):
            raise ConfigError(
                f"Method 'p_tuning': found virtual_tokens {self.virtual_tokens}, encoder_hidden_size "
                f"{self.encoder_hidden_size}; expected at least 1."
            )

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put the virtual tokens before the input embeddings; ``target_modules`` are not used."""
        config = peft.PromptEncoderConfig(
            num_virtual_tokens=self.virtual_tokens,
            encoder_hidden_size=self.encoder_hidden_size,
        )
        return apply_prompt(base, config, Origin("p_tuning", origin_values(self), seed))

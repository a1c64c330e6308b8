"""Full fine-tuning: every weight is trained. The other methods are compared with it.

Source: Astraios (Zhuo et al. 2024, arXiv 2401.00788), "FFT".
"""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import refuse_if_attached
from astraios_ray.methods.linear import is_quantized
from astraios_ray.methods.method import METHODS
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules


@METHODS.add("full")
@dataclass(frozen=True)
class Full:
    """Full fine-tuning. Has no hyperparameters of its own."""

    traits: ClassVar[MethodTraits] = MethodTraits(shares_base=False, trains_whole_model=True, packs=False)
    needs: ClassVar[tuple[str, ...]] = ()

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Train ``base`` itself; it computes in the dtype it has. Raises ConfigError if it is quantised."""
        if is_quantized(base):
            raise ConfigError(
                "Method 'full' cannot train a quantised base. Set model.quantization to none or leave it out."
            )
        refuse_if_attached(base)
        base.requires_grad_(True)
        return TunedFull(base, dict(base.named_parameters()), Origin("full", {}, seed))


class TunedFull(TunedModel):
    """A model of its own, trained in full. Attaching and detaching do nothing.

    A saved folder is an ordinary model folder for transformers.
    """

    file = "model.safetensors"

    @property
    def by_token(self) -> bool:
        """True: it adds nothing to the model."""
        return True

    def merge(self) -> nn.Module:
        """A copy of the model."""
        return deepcopy(self.model).requires_grad_(False)

    def _stored(self) -> dict[str, torch.Tensor]:
        # state_dict leaves out computed buffers, and names tied tensors several times
        state = self.model.state_dict()
        names = [name for name, _ in (*self.model.named_parameters(), *self.model.named_buffers())]
        return {name: state[name] for name in names if name in state}

    def _save_more(self, folder: Path) -> None:
        config = deepcopy(self.model.config)
        config.architectures = [type(self.model).__name__]  # type: ignore[union-attr]  # a Module may hold anything
        config.save_pretrained(folder)  # type: ignore[union-attr, operator]  # as above

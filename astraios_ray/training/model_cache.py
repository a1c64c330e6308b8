"""The base and the rows that trials of one model and one data set share, loaded once per process."""

from dataclasses import dataclass, field

from astraios_ray.data.tokenise import Blocks, tokenise
from astraios_ray.errors import ConfigError
from astraios_ray.models.load_base import Base, load_base
from astraios_ray.models.shared_weights import SharedBases
from astraios_ray.records import DataRef, ModelRef
from astraios_ray.training.pretrain import builtin_model


@dataclass
class ModelCache:
    """Bases by model, and token rows by model and data. Nothing is loaded twice."""

    device: str = "cpu"
    shared: SharedBases | None = None  # with other processes of the machine
    _bases: dict[ModelRef, Base] = field(default_factory=dict)
    _blocks: dict[tuple[ModelRef, DataRef], Blocks] = field(default_factory=dict)

    def base(self, ref: ModelRef) -> Base:
        """The frozen base model; a built-in one is pre-trained first where it is not cached."""
        if ref not in self._bases:
            self._bases[ref] = load_base(ref, self.device, builtin_model, self.shared)
        return self._bases[ref]

    def blocks(self, model: ModelRef, data: DataRef) -> Blocks:
        """Training and validation rows in the tokens of ``model``."""
        key = (model, data)
        if key not in self._blocks:
            tokenizer = self.base(model).tokenizer
            if tokenizer.eos_token_id is None:
                raise ConfigError(
                    f"model.id: {model.id!r} has a tokenizer without an eos_token; samples end with it, "
                    "so tokenizer_config.json has to name it."
                )
            self._blocks[key] = tokenise(data, tokenizer, tokenizer.eos_token_id)
        return self._blocks[key]

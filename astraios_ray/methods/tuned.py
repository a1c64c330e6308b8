"""A base model with one method on it, whose layers can be put in and taken out again."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import LayerReplacement
from astraios_ray.methods.stored import (
    TENSOR_FILE,
    Origin,
    copy_tensors,
    read_origin,
    write_origin,
    write_tensors,
)

Batch = Mapping[
    str, torch.Tensor
]  # a model's arguments by name: input_ids, attention_mask, labels; [rows, tokens]


class TunedModel(ABC):
    """A base with one method on it. Several live on one base; at most one is attached at a time, except
    ``together`` (see there), where each sees rows of its own.

    ``model`` is called like the base. It is the tuned model only between attach and detach. A new TunedModel
    is detached. Nothing that it does changes a tensor of a shared base.
    """

    file = TENSOR_FILE

    def __init__(
        self,
        model: nn.Module,
        trainable: Mapping[str, nn.Parameter],
        origin: Origin,
        swaps: Sequence[LayerReplacement] = (),
    ) -> None:
        self.model = model
        self.origin = origin
        self._trainable = dict(trainable)
        self.swaps = tuple(swaps)
        self._is_attached = False

    def trainable(self) -> dict[str, nn.Parameter]:
        """What is trained, by names that are the same on every run, in the base's order."""
        return dict(self._trainable)

    @property
    def count(self) -> int:
        """How many numbers it trains."""
        return sum(parameter.numel() for parameter in self._trainable.values())

    @property
    def packs(self) -> bool:
        """Whether it can work beside others in one forward pass, each on rows of its own."""
        return bool(self.swaps) and all(swap.change for swap in self.swaps)

    @property
    def by_token(self) -> bool:
        """Whether it does the same to a token wherever that lies in a row: then rows need no padding."""
        return self.packs

    @property
    def base(self) -> nn.Module:
        """What is called with ``prepare``d arguments, where it ``packs`` or works ``by_token``."""
        return self.model

    @property
    def virtual_tokens(self) -> int:
        """How many tokens it puts before each row."""
        return 0

    def prepare(self, batch: Batch) -> Batch:
        """The arguments with which the base is called for ``batch``, the arguments for ``model``."""
        return batch

    def attach(self) -> None:
        """Put the layers into the base, in the training mode of the modules around them. Idempotent.

        Raises RuntimeError when another TunedModel is in the way; then nothing is changed.
        """
        if self._is_attached:
            return
        for swap in self.swaps:
            if swap.parent._modules[swap.name] is not swap.original:
                raise RuntimeError(
                    f"{swap.name} of {type(swap.parent).__name__}: another TunedModel is attached."
                )
        for swap in self.swaps:
            setattr(swap.parent, swap.name, swap.replacement)
            if swap.replacement.training != swap.parent.training:
                swap.replacement.train(swap.parent.training)
        self._is_attached = True

    def detach(self) -> None:
        """Put the base's own layers back, in the training mode of the modules around them. Idempotent."""
        if not self._is_attached:
            return
        for swap in self.swaps:
            setattr(swap.parent, swap.name, swap.original)
        self._is_attached = False

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Attached inside; afterwards as it was before."""
        before = self._is_attached
        self.attach()
        try:
            yield
        finally:
            if not before:
                self.detach()

    def save(self, folder: Path) -> None:
        """Write everything that ``load`` needs into ``folder``, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.attached(), torch.no_grad():
            write_tensors(folder / self.file, self._stored())
            self._save_more(folder)
        write_origin(folder, self.origin)

    def load(self, folder: Path) -> None:
        """Take over the values that ``save`` wrote. Raises before anything is changed.

        ConfigError: the folder holds another method or another size. TornFile: a file is missing or
        damaged, or tensors are missing.
        """
        saved = read_origin(folder)
        if (saved.method, saved.hyperparameters) != (self.origin.method, self.origin.hyperparameters):
            raise ConfigError(
                f"{folder}: holds {saved.method} {dict(saved.hyperparameters)}, "
                f"expected {self.origin.method} {dict(self.origin.hyperparameters)}."
            )
        with self.attached(), torch.no_grad():
            copy_tensors(folder / self.file, self._stored())

    def merge(self) -> nn.Module | None:
        """A new plain model with the same logits; None where the method or the base cannot merge.

        The new model shares nothing with the base.
        """
        return None

    @abstractmethod
    def _stored(self) -> dict[str, torch.Tensor]:
        """The live tensors that make up the method, by their names in the file. Called attached."""

    def _save_more(self, folder: Path) -> None:  # noqa: B027 - most have nothing more
        """Write what else belongs beside the tensors. Called attached."""


class UntunedModel(TunedModel):
    """The base as it is, among those that are tuned. There is nothing to save."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base, {}, Origin("none", {}, 0))

    @property
    def packs(self) -> bool:
        """True."""
        return True

    def _stored(self) -> dict[str, torch.Tensor]:
        return {}

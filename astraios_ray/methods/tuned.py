"""A base model with one method on it, whose layers can be attached and detached."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from astraios_ray.errors import ConfigError
from astraios_ray.methods.injection import LayerReplacement
from astraios_ray.methods.layer_updates import WholeLayer
from astraios_ray.methods.stored import (
    TENSOR_FILE,
    Origin,
    copy_tensors,
    read_origin,
    write_origin,
    write_tensors,
)

# a model's arguments by name: input_ids, attention_mask, labels; [rows, tokens]
Batch = Mapping[str, torch.Tensor]


class TunedModel(ABC):
    """A base with one method on it. Several can share one base, but at most one is attached at a time.

    The exception is ``together`` in shared_pass, where each works on rows of its own. ``model`` is called
    like the base; it is the tuned model only between attach and detach. A new TunedModel is detached.
    Nothing that it does changes a tensor of a shared base.
    """

    file = TENSOR_FILE

    def __init__(
        self,
        model: nn.Module,
        trainable: Mapping[str, nn.Parameter],
        origin: Origin,
        replacements: Sequence[LayerReplacement] = (),
    ) -> None:
        self.model = model
        self.origin = origin
        self._trainable = dict(trainable)
        self.replacements = tuple(replacements)
        self._is_attached = False

    def trainable(self) -> dict[str, nn.Parameter]:
        """The trained parameters by names that are the same on every run, in the base's order."""
        return dict(self._trainable)

    @property
    def count(self) -> int:
        """The number of trained values."""
        return sum(parameter.numel() for parameter in self._trainable.values())

    @property
    def packs(self) -> bool:
        """Whether it can share a forward pass with others, each on rows of its own."""
        return bool(self.replacements) and all(replacement.update for replacement in self.replacements)

    @property
    def by_token(self) -> bool:
        """Whether its effect on a token does not depend on the token's place: then rows need no padding.

        A WholeLayer may look at all tokens of a row.
        """
        return self.packs and not any(isinstance(r.update, WholeLayer) for r in self.replacements)

    @property
    def base(self) -> nn.Module:
        """The module to call with the arguments of ``prepare``, where ``packs`` or ``by_token`` is true."""
        return self.model

    @property
    def virtual_tokens(self) -> int:
        """The number of tokens that it puts before each row."""
        return 0

    def prepare(self, batch: Batch) -> Batch:
        """The arguments for ``base`` that correspond to ``batch``, the arguments for ``model``."""
        return batch

    def attach(self) -> None:
        """Put the layers into the base, in the training mode of the modules around them. Idempotent.

        Raises RuntimeError when another TunedModel is attached; then nothing is changed.
        """
        if self._is_attached:
            return
        for replacement in self.replacements:
            if replacement.parent._modules[replacement.name] is not replacement.original:
                parent = type(replacement.parent).__name__
                raise RuntimeError(f"{replacement.name} of {parent}: another TunedModel is attached.")
        for replacement in self.replacements:
            setattr(replacement.parent, replacement.name, replacement.layer)
            if replacement.layer.training != replacement.parent.training:
                replacement.layer.train(replacement.parent.training)
        self._is_attached = True

    def detach(self) -> None:
        """Put the base's own layers back, in the training mode of the modules around them. Idempotent."""
        if not self._is_attached:
            return
        for replacement in self.replacements:
            setattr(replacement.parent, replacement.name, replacement.original)
        self._is_attached = False

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Attached inside; afterwards attached or detached as before."""
        was_attached = self._is_attached
        self.attach()
        try:
            yield
        finally:
            if not was_attached:
                self.detach()

    def save(self, folder: Path) -> None:
        """Write everything that ``load`` needs into ``folder``, which is created."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.attached(), torch.no_grad():
            write_tensors(folder / self.file, self._stored())
            self._save_more(folder)
        write_origin(folder, self.origin)

    def load(self, folder: Path) -> None:
        """Load the values that ``save`` wrote. Raises before anything is changed.

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
            self._load_tensors(folder / self.file)

    def merge(self) -> nn.Module | None:
        """A new plain model with the same logits; None where the method or the base cannot merge.

        The new model shares nothing with the base.
        """
        return None

    @abstractmethod
    def _stored(self) -> dict[str, torch.Tensor]:
        """The live tensors that make up the method, by their names in the file. Called attached."""

    def _load_tensors(self, path: Path) -> None:
        """Copy the tensors of a file that ``save`` wrote into the live ones. Called attached."""
        copy_tensors(path, self._stored())

    def _save_more(self, folder: Path) -> None:  # noqa: B027 - most have no other file
        """Write the other files of the folder. Called attached."""


class UntunedModel(TunedModel):
    """The unchanged base, in the form of a TunedModel. It has nothing to save."""

    def __init__(self, base: nn.Module) -> None:
        super().__init__(base, {}, Origin("none", {}, 0))

    @property
    def packs(self) -> bool:
        """True: it leaves its rows as they are."""
        return True

    def _stored(self) -> dict[str, torch.Tensor]:
        return {}

"""Who writes: one model, or several methods on one base, each on rows of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol

import torch
from torch import nn

from astraios_ray.methods.tuned import TunedModel
from astraios_ray.shared_pass.shared_forward import together


class BatchedModels(Protocol):
    """Models that are called at once. Rows of one lie together, in the order of the models."""

    @property
    def config(self) -> Any:
        """The base's."""
        ...

    @property
    def virtual_tokens(self) -> Sequence[int]:
        """By model, how many tokens it puts before each row."""
        ...

    def begin(self, prompts: Sequence[torch.Tensor], cache: Any) -> Any:
        """The base's output for each model's own prompts, [rows, tokens]; rows may be none.

        With its virtual tokens every row has as many tokens.
        """
        ...

    def go_on(self, rows: Sequence[int], tokens: torch.Tensor, cache: Any, **places: Any) -> Any:
        """The base's output for one more token a row, [rows, 1]; ``rows`` says how many are whose.

        ``places``: attention_mask over all that the cache holds and the new token, position_ids.
        """
        ...


class OneModel:
    """One model: a causal language model, or a method's ``TunedModel.model``, called like one."""

    virtual_tokens: Sequence[int] = (0,)  # it puts them in itself

    def __init__(self, model: nn.Module) -> None:
        self._model = model

    @property
    def config(self) -> Any:
        """The model's."""
        return self._model.config

    def begin(self, prompts: Sequence[torch.Tensor], cache: Any) -> Any:
        """The model's output."""
        return self._model(input_ids=prompts[0], past_key_values=cache, use_cache=True, logits_to_keep=1)

    def go_on(self, rows: Sequence[int], tokens: torch.Tensor, cache: Any, **places: Any) -> Any:
        """The model's output."""
        return self._model(input_ids=tokens, past_key_values=cache, use_cache=True, **places)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[OneModel]:
    """Dropout off inside; afterwards every module is in the mode it was in."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield OneModel(model)
    finally:
        for module in training:
            module.training = True


@contextmanager
def batched(tuned: Sequence[TunedModel]) -> Iterator[BatchedModels]:
    """All of ``tuned`` at once, which one of ``group_by_base`` are. Inside they are attached."""
    if len(tuned) > 1:
        with together(tuned, [nullcontext()] * len(tuned), training=False) as voices:
            yield voices
        return
    with tuned[0].attached(), evaluating(tuned[0].model) as alone:
        yield alone


def group_by_base(tuned: Sequence[TunedModel]) -> list[list[int]]:
    """The places of those that can write in one batch; whoever cannot share is alone."""
    found: dict[object, list[int]] = {}
    for place, each in enumerate(tuned):
        found.setdefault(id(each.base) if each.packs else ("alone", place), []).append(place)
    return list(found.values())

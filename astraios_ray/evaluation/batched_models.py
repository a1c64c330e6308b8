"""Models that generate together: one model, or several methods on one base, each on rows of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Protocol

from torch import nn

from astraios_ray.methods.tuned import Batch, TunedModel
from astraios_ray.shared_pass.shared_forward import last_logits, together, writing


class BatchedModels(Protocol):
    """Models that are called at once. The rows of one model lie together, in the order of the models."""

    @property
    def config(self) -> Any:
        """The config of the base model."""
        ...

    @property
    def generation_config(self) -> Any:
        """How the base model writes by itself, as transformers reads it; None of a model that does not."""
        ...

    @property
    def virtual_tokens(self) -> Sequence[int]:
        """How many tokens each model puts before its rows."""
        ...

    def begin(self, prompts: Sequence[Batch], cache: Any) -> Any:
        """The base's output for the prompts of each model, ``input_ids`` [rows, tokens], perhaps no rows.

        All rows have equally many tokens, virtual tokens included; so have those that a decoder begins with,
        ``decoder_input_ids``. Without a ``cache`` the base keeps none.
        """
        ...

    def go_on(self, rows: Sequence[int], cache: Any, **arguments: Any) -> Any:
        """The base's output for one more token per row, [rows, 1]; ``rows`` counts the rows of each model.

        ``arguments`` are the token's and its mask, over the cache and the token, by the base's names.
        """
        ...


class OneModel:
    """One model: a causal language model, or a method's ``TunedModel.model``, called like one."""

    virtual_tokens: Sequence[int] = (0,)  # the model itself adds its virtual tokens

    def __init__(self, model: nn.Module) -> None:
        self._model = model

    @property
    def config(self) -> Any:
        """The config of the model."""
        return self._model.config

    @property
    def generation_config(self) -> Any:
        """That of the model."""
        return getattr(self._model, "generation_config", None)

    def begin(self, prompts: Sequence[Batch], cache: Any) -> Any:
        """The model's output for its prompts."""
        return self._model(**prompts[0], **last_logits(prompts[0]), **writing(self._model, cache))

    def go_on(self, rows: Sequence[int], cache: Any, **arguments: Any) -> Any:
        """The model's output for one more token per row."""
        return self._model(**writing(self._model, cache), **arguments)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[OneModel]:
    """The model with dropout off; at the end every module gets back the mode that it had."""
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
    """All of ``tuned``, one group of ``group_by_base``, as models that are attached and called at once."""
    if len(tuned) > 1:
        with together(tuned, [nullcontext()] * len(tuned), training=False) as models:
            yield models
        return
    with tuned[0].attached(), evaluating(tuned[0].model) as model:
        yield model


def group_by_base(tuned: Sequence[TunedModel]) -> list[list[int]]:
    """The indices of models that can generate in one batch. A model that shares no base is a group itself."""
    groups: dict[object, list[int]] = {}
    for index, model in enumerate(tuned):
        groups.setdefault(id(model.base) if model.packs else ("alone", index), []).append(index)
    return list(groups.values())

"""Several TunedModels on one base in one forward pass, each on rows of its own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import nn

from astraios_ray.methods.injection import LayerReplacement
from astraios_ray.methods.layer_updates import LowRank, Position, Scaled, WholeLayer
from astraios_ray.methods.tuned import Batch, TunedModel
from astraios_ray.shared_pass.activation_checkpointing import recompute_blocks
from astraios_ray.shared_pass.batched_adapters import StackedLowRank, StackedScaled, stack_updates
from astraios_ray.shared_pass.chunked_loss import mean_losses
from astraios_ray.shared_pass.padding_free import Padded, Unpadded
from astraios_ray.shared_pass.per_trial_dropout import Draws, Owners, PerTrialDropout
from astraios_ray.shared_pass.router_losses import balances_routers


@dataclass(frozen=True)
class _Run:
    """Neighbouring owners, ``end`` excluded, with updates of one kind at one layer, or without any."""

    start: int
    end: int
    parallel: bool = False  # the updates depend on the layer's input and change its output
    compute: StackedLowRank | StackedScaled | None = None


def _runs(
    updates: Mapping[int, LowRank | Scaled], positions: Collection[Position], owners: Owners
) -> list[_Run]:
    """The runs of all owners, with the updates at ``positions``."""
    by_owner: list[LowRank | Scaled | None] = [None] * owners.count
    for owner, update in updates.items():
        by_owner[owner] = update if update.position in positions else None
    runs: list[_Run] = []
    for _, numbers in groupby(range(owners.count), lambda n: entry.kind if (entry := by_owner[n]) else None):
        run = list(numbers)
        stack = [entry for n in run if (entry := by_owner[n])]
        compute = stack_updates(stack, run, owners.only) if stack else None
        parallel = bool(stack) and stack[0].position is Position.PARALLEL
        runs.append(_Run(run[0], run[-1] + 1, parallel, compute))
    return runs


class SharedLayer(nn.Module):
    """A layer of the base, called once for all rows, with each owner's update on the owner's rows.

    Neighbouring owners with updates of one kind are computed as one. An owner with a WholeLayer has its rows
    computed by that, and they are no rows of the base's layer.
    """

    def __init__(
        self, base_layer: nn.Module, replacements: dict[int, LayerReplacement], owners: Owners
    ) -> None:
        super().__init__()
        self.base_layer = base_layer
        self._owners = owners
        by_owner = {owner: replacement.update for owner, replacement in replacements.items()}
        self._layers = {owner: u.layer for owner, u in by_owner.items() if isinstance(u, WholeLayer)}
        updates = {owner: u for owner, u in by_owner.items() if isinstance(u, LowRank | Scaled)}
        self._input_runs = _runs(updates, (Position.INPUT,), owners)
        self._output_runs = _runs(updates, (Position.OUTPUT, Position.PARALLEL), owners)

    @property
    def weight(self) -> Any:
        """That of the base's layer; T5 asks for its dtype."""
        return self.base_layer.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``x`` [rows of all owners, ..., in] to [rows, ..., out]."""
        if not self._layers:
            return self._updated(x, self._owners.rows)
        rows, parts = self._owners.rows, dict(enumerate(self._owners.split(x)))
        others = [owner for owner in parts if owner not in self._layers and rows[owner]]
        if others:
            other_rows = [0 if owner in self._layers else count for owner, count in enumerate(rows)]
            outputs = self._updated(torch.cat([parts[owner] for owner in others]), other_rows)
            sizes = [len(parts[owner]) for owner in others]
            parts |= zip(others, torch.split(outputs, sizes), strict=True)
        for owner, layer in self._layers.items():
            if rows[owner]:
                with self._owners.drawing_as(owner) if layer.training else self._owners.only(owner):
                    parts[owner] = layer(parts[owner])
        return torch.cat([part for owner, part in parts.items() if rows[owner]])

    def _updated(self, x: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
        """The base's layer on ``x`` with the updates of the owners, who have ``rows`` of it."""
        z: torch.Tensor = self.base_layer(self._changed(self._input_runs, x, x, rows))
        return self._changed(self._output_runs, x, z, rows)

    @staticmethod
    def _changed(
        runs: Sequence[_Run], x: torch.Tensor, target: torch.Tensor, rows: Sequence[int]
    ) -> torch.Tensor:
        if all(run.compute is None for run in runs):
            return target
        # a row may have become several, one after the other
        x_rows, target_rows = (part.reshape(sum(rows), -1, part.shape[-1]) for part in (x, target))
        sizes = [sum(rows[run.start : run.end]) for run in runs]
        parts = [
            run.compute(x_part if run.parallel else part, part, rows[run.start : run.end])
            if run.compute and len(part)
            else part
            for run, x_part, part in zip(
                runs, torch.split(x_rows, sizes), torch.split(target_rows, sizes), strict=True
            )
        ]
        return (parts[0] if len(parts) == 1 else torch.cat(parts)).reshape(target.shape)


class SharedForward:
    """The forward passes of several TunedModels while they are ``together``."""

    def __init__(self, base: nn.Module, tuned: Sequence[TunedModel], owners: Owners) -> None:
        self._base, self._tuned, self._owners = base, tuned, owners

    def losses(
        self, batches: Sequence[Batch], *, unpadded: bool = False, recompute: bool = False
    ) -> list[torch.Tensor]:
        """Each TunedModel's mean loss over its own batch, equal to that of a pass of its own; scalars.

        Batches hold input_ids, and attention_mask and labels on the CPU. All rows have one length, unless
        they are computed ``unpadded`` (see Unpadded). ``recompute`` turns on activation checkpointing.
        """
        base: Any = self._base
        prepared = [tuned.prepare(batch) for tuned, batch in zip(self._tuned, batches, strict=True)]
        rows = Unpadded(prepared, base) if unpadded else Padded(prepared)
        self._owners.rows = rows.counts

        def recompute_context() -> AbstractContextManager[None]:
            return self._around(rows, [copy(draws) for draws in self._owners.draws])  # in their current state

        def call() -> Any:
            checkpointing = recompute_blocks(base, recompute_context) if recompute else nullcontext()
            with checkpointing, self._around(rows, self._owners.draws):
                return base(**rows.arguments, use_cache=False)

        return mean_losses(base, call, rows.targets)

    @contextmanager
    def _around(self, rows: Padded | Unpadded, draws: Sequence[Draws]) -> Iterator[None]:
        base: Any = self._base
        dropout = PerTrialDropout(self._owners, base.device) if base.training else nullcontext()
        with self._owners.drawing(draws), dropout, rows.attention(self._owners.only):
            yield

    @property
    def config(self) -> Any:
        """The configuration of the base."""
        return self._base.config

    @property
    def generation_config(self) -> Any:
        """How the base writes by itself, as transformers reads it; None of a model that does not."""
        return getattr(self._base, "generation_config", None)

    @property
    def virtual_tokens(self) -> Sequence[int]:
        """The number of virtual tokens of each TunedModel."""
        return [tuned.virtual_tokens for tuned in self._tuned]

    def begin(self, prompts: Sequence[Batch], cache: Any) -> Any:
        """The base's output for each TunedModel's prompts, ``input_ids`` [rows, tokens] and perhaps
        ``decoder_input_ids``; of a decoder the logits of the last token alone.

        All prompts have one length, virtual tokens included; a TunedModel may have no prompt. ``cache`` may
        be None.
        """
        self._owners.rows = [len(prompt["input_ids"]) for prompt in prompts]
        present = [
            (tuned, prompt)
            for tuned, prompt in zip(self._tuned, prompts, strict=True)
            if len(prompt["input_ids"])
        ]
        prepared = [tuned.prepare(prompt) for tuned, prompt in present]
        arguments = {name: torch.cat([batch[name] for batch in prepared]) for name in prepared[0]}
        base: Any = self._base
        return base(**arguments, **last_logits(arguments), **writing(base, cache))

    def go_on(self, rows: Sequence[int], cache: Any, **arguments: Any) -> Any:
        """The base's output for one more token per row, [rows, 1]; ``rows`` are counts by TunedModel."""
        self._owners.rows = list(rows)
        base: Any = self._base
        return base(**writing(base, cache), **arguments)


def last_logits(batch: Batch) -> dict[str, Any]:
    """The argument by which a base answers the logits of the last token alone, where it takes one."""
    return {} if "decoder_input_ids" in batch else {"logits_to_keep": 1}


def writing(base: Any, cache: Any) -> dict[str, Any]:
    """The arguments by which ``base`` writes: it fills ``cache``, or keeps none, and balances no routers.

    The routers' loss cannot be computed beside a cache, whose mask has more tokens than the routers see.
    """
    arguments = {"use_cache": False} if cache is None else {"past_key_values": cache, "use_cache": True}
    return {**arguments, "output_router_logits": False} if balances_routers(base) else arguments


@contextmanager
def together(
    tuned: Sequence[TunedModel], draws: Sequence[Draws], *, training: bool
) -> Iterator[SharedForward]:
    """Inside, the layers of all ``tuned`` are in the base; afterwards it is as before, in eval mode.

    All must have ``packs`` and the same ``base``; those with prompts in one ``begin`` must have the same
    number of ``virtual_tokens``. The n-th of ``draws`` is entered whenever random numbers are drawn for rows
    of the n-th TunedModel. Raises RuntimeError when another TunedModel is attached; then nothing is changed.
    """
    owners, replacements_by_layer = Owners(draws), _replacements_by_layer(tuned)
    for replacements in replacements_by_layer:
        first = next(iter(replacements.values()))
        if first.parent._modules[first.name] is not first.original:
            raise RuntimeError(
                f"{first.name} of {type(first.parent).__name__}: another TunedModel is attached."
            )
    try:
        for replacements in replacements_by_layer:
            _share(replacements, owners, training)
        for model in {id(each.model): each.model for each in tuned}.values():
            model.train(training)
        yield SharedForward(tuned[0].base, tuned, owners)
    finally:
        for model in {id(each.model): each.model for each in tuned}.values():
            model.eval()
        for replacements in replacements_by_layer:
            _unshare(replacements)


def _replacements_by_layer(tuned: Sequence[TunedModel]) -> list[dict[int, LayerReplacement]]:
    """The replacements at each replaced layer of the base, by owner."""
    by_layer: dict[tuple[int, str], dict[int, LayerReplacement]] = {}
    for owner, each in enumerate(tuned):
        for replacement in each.replacements:
            by_layer.setdefault((id(replacement.parent), replacement.name), {})[owner] = replacement
    return list(by_layer.values())


def _share(replacements: dict[int, LayerReplacement], owners: Owners, training: bool) -> None:
    first = next(iter(replacements.values()))
    for replacement in replacements.values():
        if replacement.layer.training != training:
            replacement.layer.train(training)
    setattr(first.parent, first.name, SharedLayer(first.original, replacements, owners))


def _unshare(replacements: dict[int, LayerReplacement]) -> None:
    first = next(iter(replacements.values()))
    setattr(first.parent, first.name, first.original)

"""A slot: one trial's parameters, optimiser, schedule and random stream beside a shared base."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import torch
from safetensors.torch import save_file

from astraios_ray.data.tokenise import Blocks, Rows
from astraios_ray.errors import TornFile
from astraios_ray.methods.base import Tuned, build
from astraios_ray.methods.stored import read_tensors
from astraios_ray.models.load import Base
from astraios_ray.records import TrialSpec
from astraios_ray.training.order import rows_of_step
from astraios_ray.training.randomness import Stream
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.schedule import learning_rate, make_optimizer

OPTIMIZER = "optimizer.safetensors"
ADAPTER = "adapter"


class Slot:
    """One trial beside a base that others use too: nothing of it is in the base between two calls.

    Its results depend on its TrialSpec, the base and the rows alone, whatever runs beside it.
    """

    def __init__(self, base: Base, blocks: Blocks, spec: TrialSpec, runtime: Runtime | None = None) -> None:
        self.spec, self._blocks, self._runtime = spec, blocks, runtime or SingleProcess()
        method = build(spec.method, spec.hyperparameters)
        model = base.model if method.shares_base else deepcopy(base.model)
        self.tuned: Tuned = method.apply(model, base.places, spec.seed)
        self._trainable = self.tuned.trainable()
        self._optimizer = make_optimizer(self.tuned.model, self._trainable, spec.recipe)
        self._stream = Stream(spec.seed, self._runtime.device, self._runtime.rank)
        self.shares_base = method.shares_base
        self.step_count = 0

    @property
    def trainable_parameters(self) -> int:
        """How many numbers the trial trains."""
        return sum(p.numel() for p in self._trainable.values())

    def step(self) -> float:
        """One optimiser step; the mean training loss of its rows, in nats per token."""
        recipe, rows = self.spec.recipe, self._blocks.train
        chosen = rows_of_step(self.step_count, recipe.batch_size, len(rows.input_ids), self.spec.seed)
        tokens = int((rows.labels[chosen] != -100).sum())
        mine = chosen[self._runtime.rank :: self._runtime.world]
        with self._attached(training=True):
            loss = sum(self._backward(rows, part, count / tokens) for part, count in self._micro(rows, mine))
            self._runtime.add_gradients(self._trainable.values())
            self._update()
        self.step_count += 1
        return self._runtime.total([loss])[0]

    @torch.no_grad()
    def validate(self) -> float:
        """Mean loss over all validation rows, in nats per token, dropout off."""
        rows = self._blocks.validation
        mine = torch.arange(len(rows.input_ids))[self._runtime.rank :: self._runtime.world]
        total, tokens = 0.0, 0
        with self._attached(training=False):
            for part, count in self._micro(rows, mine):
                total += float(self._loss(rows, part)) * count
                tokens += count
        summed, counted = self._runtime.total([total, float(tokens)])
        return summed / counted

    def save(self, folder: Path) -> None:
        """Write the adapter and the optimiser into ``folder``. Rows and dropout follow from the step."""
        self.tuned.save(folder / ADAPTER)
        tensors: dict[str, torch.Tensor] = {}
        for name, parameter in self._trainable.items():
            for key, value in self._optimizer.state.get(parameter, {}).items():
                tensors[f"{key}/{name}"] = torch.as_tensor(value).detach().cpu().contiguous()
        save_file(tensors, folder / OPTIMIZER)

    def load(self, folder: Path, step: int) -> None:
        """Go on from what ``save`` wrote after ``step`` steps. Raises TornFile or ConfigError."""
        self.tuned.load(folder / ADAPTER)
        states: dict[str, dict[str, torch.Tensor]] = {}
        for name, tensor in read_tensors(folder / OPTIMIZER).items():
            key, _, parameter_name = name.partition("/")
            states.setdefault(parameter_name, {})[key] = tensor
        if states.keys() != (self._trainable.keys() if step else states.keys()):
            lost = sorted(self._trainable.keys() ^ states.keys())
            raise TornFile(f"{folder / OPTIMIZER}: no state, or too much, for {', '.join(lost[:3])}.")
        for name, state in states.items():
            parameter = self._trainable[name]
            self._optimizer.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device) for key, value in state.items()
            }
        self.step_count = step

    @contextmanager
    def _attached(self, *, training: bool) -> Iterator[None]:
        """The trial's layers in the base, its random stream in torch; both are taken out again."""
        self.tuned.attach()
        self.tuned.model.train(training)
        try:
            with self._stream.at(self.step_count):
                yield
        finally:
            self.tuned.model.eval()
            self.tuned.detach()

    def _micro(self, rows: Rows, chosen: torch.Tensor) -> Iterator[tuple[torch.Tensor, int]]:
        """``chosen`` in parts for one forward each, with the tokens to predict in them, at least one."""
        for part in torch.split(chosen, self.spec.recipe.micro_batch_size or self.spec.recipe.batch_size):
            count = int((rows.labels[part] != -100).sum())
            if count:
                yield part, count

    def _backward(self, rows: Rows, part: torch.Tensor, share: float) -> float:
        """Add the gradients of ``part``, weighted by its share of the step's tokens."""
        loss = self._loss(rows, part) * share
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        return float(loss.detach())

    def _loss(self, rows: Rows, part: torch.Tensor) -> torch.Tensor:
        device = self._runtime.device
        loss: torch.Tensor = self.tuned.model(
            input_ids=rows.input_ids[part].to(device),
            attention_mask=rows.attention_mask[part].to(device),
            labels=rows.labels[part].to(device),
            use_cache=False,
        ).loss
        return loss

    def _update(self) -> None:
        recipe = self.spec.recipe
        torch.nn.utils.clip_grad_norm_(self._trainable.values(), recipe.max_grad_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self.step_count)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)

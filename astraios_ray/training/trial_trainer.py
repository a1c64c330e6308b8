"""One trial's parameters, optimiser, schedule and random stream on a shared base."""

from collections.abc import Iterable, Iterator
from itertools import chain
from math import ceil
from pathlib import Path

import torch
from safetensors.torch import save_file

from astraios_ray.data.documents import of_similar_length, separated
from astraios_ray.data.packing import IGNORED
from astraios_ray.data.tokenise import Blocks, Rows, TokenRows
from astraios_ray.errors import TornFile
from astraios_ray.methods.method import TunedModel, build
from astraios_ray.methods.stored import read_tensors
from astraios_ray.methods.tuned import Batch
from astraios_ray.models.load_base import Base
from astraios_ray.models.private_copy import private_copy
from astraios_ray.records import TrainingSetup, TrialSpec
from astraios_ray.shared_pass.chunked_loss import try_head
from astraios_ray.shared_pass.padding_free import can_do_without_padding
from astraios_ray.shared_pass.seq2seq_batch import seq2seq_batch
from astraios_ray.training.master_weights import MasterWeights
from astraios_ray.training.optimizers import load_state, optimizer_kind, saved_state
from astraios_ray.training.order import rows_of_step
from astraios_ray.training.passes import MicroBatch, backward, forward
from astraios_ray.training.randomness import RandomStream
from astraios_ray.training.runtime import Runtime, SingleProcess
from astraios_ray.training.schedule import learning_rate, make_optimizer
from astraios_ray.training.training_setup import dtype_names, moments_of, training_setup

WORTH = 0.9  # share of real tokens: above it, padding costs no more than going without it
OPTIMIZER = "optimizer.safetensors"
MASTER = "float32"  # prefix in that file of the float32 masters of rounded parameters
ADAPTER = "adapter"


class TrialTrainer:
    """Trains one trial on a base that other trials use too; between two calls the base is unchanged.

    Its results depend on its TrialSpec, the base and the rows alone, not on what other trials do.
    """

    def __init__(self, base: Base, blocks: Blocks, spec: TrialSpec, runtime: Runtime | None = None) -> None:
        self.spec, self._blocks, self._runtime = spec, blocks, runtime or SingleProcess()
        self._target_modules = base.target_modules
        method = build(spec.method, spec.hyperparameters)
        model = base.model if method.traits.shares_base else private_copy(base.model)
        self.tuned: TunedModel = method.apply(model, base.target_modules, spec.seed)
        try_head(model)
        filled, count, length = blocks.train.filled, len(blocks.train), blocks.train.length
        self._isolates = any(rows.documents > len(rows) for rows in (blocks.train, blocks.validation))
        worth_it = self._isolates or filled < WORTH
        self._unpadded = self.tuned.by_token and worth_it and can_do_without_padding(base.model)
        virtual = self.tuned.virtual_tokens * blocks.train.documents / count
        length = blocks.widths.prompt + blocks.widths.answer if blocks.widths else length
        self._row_tokens = virtual + length * (filled if self._unpadded else 1.0)
        trainable = self.tuned.trainable()
        kind = optimizer_kind(spec.recipe.optimizer, self._runtime.device)
        self._weights = MasterWeights(trainable, needed=kind.masters)
        self._trained = self._weights.parameters
        self._optimizer = make_optimizer(self.tuned.model, trainable, spec.recipe, self._trained)
        self._stream = RandomStream(spec.seed, self._runtime.device, self._runtime.rank)
        self._rounding = RandomStream(spec.seed, self._runtime.device, purpose="rounding")
        self.shares_base = method.traits.shares_base
        self.step_count = 0
        self._validated_tokens = 0.0  # of this worker, in the last validation

    @property
    def rows_at_once(self) -> int:
        """The most rows in one of its forward passes."""
        return self.spec.recipe.micro_batch_size or self.spec.recipe.batch_size

    @property
    def tokens_at_once(self) -> int:
        """The tokens of these rows, virtual ones included; the average where rows have no padding."""
        return ceil(self.rows_at_once * self._row_tokens)

    @property
    def shape(self) -> tuple[object, ...]:
        """Equal for trainers whose rows can share a pass."""
        recompute = self.spec.recipe.activation_checkpointing
        padded = id(self) if self._isolates else self._row_tokens
        return id(self.tuned.base), recompute, None if self._unpadded else padded

    @property
    def trainable_parameters(self) -> int:
        """How many numbers the trial trains."""
        return self.tuned.count

    @property
    def setup(self) -> TrainingSetup:
        """What it trains and in which precision."""
        moments = dtype_names(moments_of(self._optimizer, self._trained))
        weights = self._trained.values()
        return training_setup(self.tuned, self._target_modules, weights, moments, self._blocks.front)

    def step(self) -> float:
        """One optimiser step; the mean training loss of its rows, in nats per token."""
        (loss,) = backward([self.training_parts()])
        return self.update(loss)

    def validate(self) -> float:
        """Mean loss over all validation rows, in nats per token, dropout off."""
        (total,) = forward([self.validation_parts()])
        return self.validated(total)

    def training_parts(self) -> list[MicroBatch]:
        """This worker's rows of the next step, a part per forward pass, weighed by its share of tokens."""
        recipe, rows = self.spec.recipe, self._blocks.train
        numbers = rows_of_step(self.step_count, recipe.batch_size, len(rows), self.spec.seed)
        batch = rows.at(numbers)
        tokens = int((batch.labels != IGNORED).sum())
        worker_numbers = torch.arange(len(batch))[self._runtime.rank :: self._runtime.world]
        return list(self._parts(batch, worker_numbers, total=tokens))

    def update(self, loss: float) -> float:
        """Update the weights; the step's loss over all workers, from ``loss``, this worker's."""
        recipe = self.spec.recipe
        self._runtime.add_gradients(self._trained.values())
        torch.nn.utils.clip_grad_norm_(self._trained.values(), recipe.max_grad_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(recipe, self.step_count)
        with self._rounding.at(self.step_count):
            self._optimizer.step()
        self._weights.round_into_model(self._rounding.at(self.step_count))
        self.forget_gradients()
        self.step_count += 1
        return self._runtime.total([loss])[0]

    def forget_gradients(self) -> None:
        """Clear all gradients."""
        self._optimizer.zero_grad(set_to_none=True)

    def validation_parts(self) -> Iterator[MicroBatch]:
        """This worker's validation rows, a part per forward pass, weighed by its number of tokens.

        A part is made when it is asked for, so that one is in memory and not all.
        """
        rows, self._validated_tokens = self._blocks.validation, 0.0
        worker_numbers = torch.arange(len(rows))[self._runtime.rank :: self._runtime.world]
        for part in self._parts(rows, worker_numbers, total=1):
            self._validated_tokens += part.weight
            yield part

    def validated(self, total: float) -> float:
        """Mean loss over the tokens of all workers. ``total`` is the sum over the last validation parts."""
        summed, counted = self._runtime.total([total, self._validated_tokens])
        return summed / counted

    def save(self, folder: Path) -> None:
        """Write the adapter, the optimiser and its float32 weights into ``folder``.

        Rows and dropout follow from the step.
        """
        self.tuned.save(folder / ADAPTER)
        tensors = {f"{MASTER}/{name}": value for name, value in self._weights.state().items()}
        for name, parameter in self._trained.items():
            for key, value in saved_state(self._optimizer.state.get(parameter, {})).items():
                tensors[f"{key}/{name}"] = value
        save_file({name: value.cpu().contiguous() for name, value in tensors.items()}, folder / OPTIMIZER)

    def load(self, folder: Path, step: int) -> None:
        """Load what ``save`` wrote after ``step`` steps. Raises TornFile or ConfigError."""
        self.tuned.load(folder / ADAPTER)
        states: dict[str, dict[str, torch.Tensor]] = {}
        masters: dict[str, torch.Tensor] = {}
        for name, tensor in read_tensors(folder / OPTIMIZER).items():
            key, _, parameter_name = name.partition("/")
            of_parameter = masters if key == MASTER else states.setdefault(parameter_name, {})
            of_parameter[parameter_name if key == MASTER else key] = tensor
        if states.keys() != (self._trained.keys() if step else states.keys()):
            mismatch = sorted(self._trained.keys() ^ states.keys())
            raise TornFile(f"{folder / OPTIMIZER}: no state, or too much, for {', '.join(mismatch[:3])}.")
        self._weights.load(masters)
        for name, state in states.items():
            parameter = self._trained[name]
            load_state(self._optimizer, parameter, state)
        self.step_count = step

    def _parts(self, rows: TokenRows, numbers: torch.Tensor, *, total: int) -> Iterator[MicroBatch]:
        """The rows ``numbers`` in parts that have targets; a part's weight is its targets over ``total``."""
        draws = self._stream.at(self.step_count)
        passes = (self._passes(rows.at(some)) for some in torch.split(numbers, self.rows_at_once))
        for part in chain.from_iterable(passes):
            count = int((part.labels != IGNORED).sum())
            if count:
                options = {"unpadded": self._unpadded, "recompute": self.spec.recipe.activation_checkpointing}
                yield MicroBatch(self.tuned, draws, self._batch(part), count / total, **options)

    def _batch(self, part: Rows) -> Batch:
        """The rows as arguments of the base, all on its device except masks and labels on the CPU."""
        ids = part.input_ids.to(self._runtime.device)
        batch = {"input_ids": ids, "attention_mask": part.attention_mask, "labels": part.labels}
        widths = self._blocks.widths
        return seq2seq_batch(batch, widths, self.tuned.base) if widths else batch

    def _passes(self, rows: Rows) -> Iterable[Rows]:
        """``rows`` as passes get them, a pass each; documents apart where they must not see each other."""
        if not self._isolates:
            return [rows]
        documents = separated(rows)
        return [documents] if self._unpadded else of_similar_length(documents, rows.input_ids.numel())

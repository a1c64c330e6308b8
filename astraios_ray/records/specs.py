"""What a trial is: its base model, its rows, its recipe, its hyperparameters."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

Value = bool | int | float | str | None


@dataclass(frozen=True)
class TargetModules:
    """Where a model keeps the linear layers that methods adapt, as module-name suffixes.

    ``attention_in`` (query, key, value), ``attention_out``, ``mlp_in`` and ``mlp_out``;
    ``key_value`` are the layers among ``attention_in`` whose outputs (IA)3 scales. A field is empty where
    the model has no such layer.
    """

    architecture: str
    attention_in: tuple[str, ...]
    attention_out: tuple[str, ...]
    mlp_in: tuple[str, ...]
    mlp_out: tuple[str, ...]
    key_value: tuple[str, ...]


TARGET_FIELDS = tuple(field.name for field in fields(TargetModules) if field.name != "architecture")


@dataclass(frozen=True)
class ModelRef:
    """One base model. ``id`` is ``builtin:nano-s``, a hub id or a folder."""

    id: str
    revision: str | None = None
    dtype: str = "fp32"  # fp32 | bf16
    quantization: str = "none"  # none | int8 | nf4
    target_modules: TargetModules | None = None  # None: those that its structure shows


@dataclass(frozen=True)
class Mask:
    """A region of the training rows, and how much of it is trained on: a scenario out of distribution.

    ``region`` says by what: ``length`` (code tokens, from quantile ``low`` to quantile ``high``), ``syntax``
    (Python that holds a node ``element`` of the ast module, or code with a node of tree-sitter's grammar of
    ``language``), ``token`` (code that holds the token ``element``) or ``meaning`` (``cluster``, counted
    from the largest, of ``clusters``; ``embedding`` is a model of sentence-transformers, None TF-IDF).
    """

    region: str
    low: float = 0.8
    high: float = 1.0
    element: str | None = None
    language: str | None = None
    clusters: int = 5
    cluster: int = 0
    embedding: str | None = None
    training_set: str = "full"  # full: all of the region | few: the share ``keep`` | ood: nothing
    keep: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class SourceRef:
    """One source of rows, and its share of them."""

    source: str
    weight: float | None = None  # None: as many rows as it has
    revision: str | None = None  # of a hub id
    config: str | None = None  # of a hub id
    split: str | None = None  # of a hub id, a saved data set or a folder


@dataclass(frozen=True)
class DataRef:
    """Training data, and how its rows become rows of tokens."""

    train: str | tuple[SourceRef, ...]
    validation: str | SourceRef | None = None  # a source without a name: that split of ``train``
    revision: str | None = None
    prompt_column: str = "prompt"
    completion_column: str = "completion"
    validation_fraction: float = 0.1
    limit: int | None = None
    sequence_length: int = 2048  # tokens
    packing: str = "blocks"  # blocks | rows
    loss_on: str = "all"  # all | completion
    drop_tail: bool = True
    split_samples: bool = True
    seed: int = 0
    isolate_documents: bool = False  # of blocks: samples of one block do not see each other
    mask: Mask | None = None  # rows that are not trained on
    template: str = "astraios"  # astraios | chat | none | fim | Jinja
    system: str | None = None  # the text of the system, for templates that have one
    fim_rate: float = 0.5  # of fim: the share of raw texts that are cut
    strict: bool = False  # a row without an answer is an error

    @property
    def sources(self) -> tuple[SourceRef, ...]:
        """The sources of the training rows."""
        return self._sources(self.train)

    @property
    def validation_sources(self) -> tuple[SourceRef, ...]:
        """The sources of the validation rows; none where a part of the training rows is held back."""
        other = self.validation
        if isinstance(other, SourceRef) and not other.source:
            keys = {key: value for key in ("revision", "config", "split") if (value := getattr(other, key))}
            return tuple(replace(source, **keys) for source in self.sources)
        return self._sources(other) if other else ()

    @property
    def name(self) -> str:
        """The sources of the training rows as a text."""
        return " + ".join(source.source for source in self.sources)

    def _sources(self, value: str | SourceRef | tuple[SourceRef, ...]) -> tuple[SourceRef, ...]:
        if isinstance(value, str):
            return (SourceRef(value, revision=self.revision),)
        sources = (value,) if isinstance(value, SourceRef) else value
        return tuple(replace(source, revision=source.revision or self.revision) for source in sources)


@dataclass(frozen=True)
class Recipe:
    """How one trial is optimised: AdamW, in optimiser steps of ``batch_size`` rows."""

    learning_rate: float = 1e-4
    max_steps: int = 200
    batch_size: int = 32  # rows per optimiser step, over all workers
    micro_batch_size: int | None = None  # rows per forward; None: all at once
    warmup_steps: int = 12
    schedule: str = "cosine"  # cosine | linear | constant
    weight_decay: float = 0.05
    max_grad_norm: float = 1.0
    validate_every: int = 10  # steps
    activation_checkpointing: bool = False  # blocks are computed again in the backward pass
    optimizer: str = "adamw"  # adamw | adamw_bf16 | adamw_8bit | paged_adamw | paged_adamw_8bit


@dataclass(frozen=True)
class MethodTraits:
    """What a method says of itself, so that nobody asks for its name. The defaults are an adapter's."""

    shares_base: bool = True  # it changes no tensor and no module of the base, so trials can share one
    trains_whole_model: bool = False  # it trains the base's weights, and its checkpoint is a model
    packs: bool = True  # its trials can share forward passes with others
    why_not_merged: str = ""  # predicate whose subject is the method; empty where it merges into the base

    @property
    def merges(self) -> bool:
        """Whether it can be folded into the base's weights, where these are not quantised."""
        return not self.why_not_merged


@dataclass(frozen=True)
class TrialSpec:
    """One configuration: every value that decides its result, the seed too."""

    study: str
    number: int
    method: str
    hyperparameters: Mapping[str, Value]
    recipe: Recipe
    model: ModelRef
    data: DataRef
    seed: int = 0
    traits: MethodTraits = MethodTraits()  # they follow from method and hyperparameters
    repeat_of: str | None = None  # the id of the trial that it trains anew, with another seed

    @property
    def training_set(self) -> str:
        """Which of a scenario's training sets it is of; empty without a scenario."""
        return self.data.mask.training_set if self.data.mask else ""

    @property
    def id(self) -> str:
        """The trial's short name inside its study, ``t0007``."""
        return f"t{self.number:04d}"

    @property
    def label(self) -> str:
        """A readable name, ``lora-r8-lr1e-4-t0007``. Never the only carrier of a fact."""
        sizes = [f"{key[0]}{value}" for key, value in self.hyperparameters.items() if key in SIZES]
        rate = f"lr{self.recipe.learning_rate:.0e}".replace("e-0", "e-")
        set_name = filter(None, [self.training_set])
        return "-".join([self.method.replace(":", "_"), *sizes, rate, *set_name, self.id])


SIZES = ("r", "bottleneck", "virtual_tokens")  # the fields that set a method's size

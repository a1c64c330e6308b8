"""What a user can say about a study: the keys of a study file, their types and their defaults."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from astraios_ray.config.config_problems import ConfigProblem, Origins, Path, shown
from astraios_ray.config.dialect import Block, Scalar, number_as_text, wrong
from astraios_ray.config.number_bounds import Bounds
from astraios_ray.config.sources import TrainSources, ValidationConfig, ValidationSource, train_ref
from astraios_ray.records import DataRef, Mask, ModelRef, Recipe, TargetModules
from astraios_ray.secret_masks import mask_values


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _auto_or(bounds: Bounds, *, whole: bool = True) -> BeforeValidator:
    kinds = int if whole else int | float
    words = f"a {'whole ' if whole else ''}number from {bounds.low}"

    def check(value: object) -> object:
        if value == "auto":
            return value
        if text := number_as_text(value, whole=whole):
            raise wrong(text)
        if isinstance(value, bool) or not isinstance(value, kinds) or value < bounds.low:
            raise wrong(f"expected auto or {words}, found {shown(value)}")
        if text := bounds.problem(value):
            raise wrong(text.replace("expected ", "expected auto or ", 1))
        return value

    return BeforeValidator(check)


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Fraction = Annotated[float, Field(ge=0, le=1)]
FINETUNING = "no fine-tuning takes more"
STEPS, STEPS_FROM_ZERO = Bounds(1, 10**7, FINETUNING), Bounds(0, 10**7, FINETUNING)
ROWS_OF_A_STEP = Bounds(1, 10**6, "the rows of a step are held in memory")
TRIALS = Bounds(1, 10**8, "a search keeps what it knows of its trials in memory")
TOGETHER = Bounds(1, 10**5, "a bracket is one record of the journal")
EACH = Bounds(0, 10**5, "so many are held in memory together")
SEED = Bounds(0, 2**32 - 1, "a seed has 32 bits")
MACHINES = Bounds(1, 10**4, "no cluster has more")
Steps = Annotated[int, STEPS]
StepsFromZero = Annotated[int, STEPS_FROM_ZERO]
AutoSteps = Annotated[Literal["auto"] | Steps, _auto_or(STEPS)]
RowsOfAStep = Annotated[int, ROWS_OF_A_STEP]
Each = Annotated[int, EACH]
AutoEach = Annotated[Literal["auto"] | Each, _auto_or(EACH)]
AutoTogether = Annotated[Literal["auto"] | Annotated[int, TOGETHER], _auto_or(TOGETHER)]
Seed = Annotated[int, SEED]
Machines = Annotated[int, MACHINES]
AutoMachines = Annotated[Literal["auto"] | Machines, _auto_or(MACHINES)]
PASS = Bounds(1, 10**9, "a pass holds its tokens in memory")
AutoPass = Annotated[Literal["auto"] | Annotated[int, PASS], _auto_or(PASS)]
GPUS = Bounds(0, 10**3, "no machine has more")
AutoGpus = Annotated[Literal["auto"] | Annotated[float, GPUS], _auto_or(GPUS, whole=False)]
Problems = Annotated[int, Bounds(1, 10**8, "no task has more problems")]
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"


class StudySection(BaseModel):
    """A part of a study file. Unknown keys and loosely typed values are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class TargetModulesConfig(StudySection):
    """Endings of the names of layers to adapt, in place of those that the model's structure shows."""

    architecture: str
    attention_in: Texts
    attention_out: Texts
    mlp_in: Texts
    mlp_out: Texts
    key_value: Texts

    def target_modules(self) -> TargetModules:
        """The same as a record."""
        return TargetModules(**dict(self))


class ModelConfig(StudySection):
    """The base model."""

    id: str = Field(min_length=1, description="builtin:nano-xs|s|m|l|t5, a hub id or a folder")
    revision: str | None = Field(default=None, description="commit of a hub id")
    dtype: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="auto: bf16 where lanes use GPUs that compute in it, else fp32"
    )
    quantization: Literal["none", "int8", "nf4"] = Field(
        default="none", description="of the frozen base; method full trains an unquantised copy"
    )
    target_modules: TargetModulesConfig | None = None

    def ref(self) -> ModelRef:
        """The same as a record."""
        target_modules = self.target_modules.target_modules() if self.target_modules else None
        return ModelRef(self.id, self.revision, self.dtype, self.quantization, target_modules)


class DataConfig(StudySection):
    """Training data, and how its rows become rows of tokens."""

    train: TrainSources = Field(
        description="builtin:primer or simscood, a file, a folder, a pattern of files, a saved data set or "
        "a hub id; an object with source, weight, revision, config and split; or a list of these"
    )
    validation: ValidationSource | None = Field(
        default=None, description="null: a seeded part of train; {split: NAME}: that split of train"
    )
    template: str = Field(
        default="astraios", min_length=1, description="astraios, chat, none, fim, or a Jinja text"
    )
    system: str | None = Field(
        default=None,
        min_length=1,
        description="text of the system, for chat and for Jinja texts that have it",
    )
    fim_rate: Fraction = Field(default=0.5, description="of fim: the share of raw texts that are cut")
    strict: bool = Field(default=False, description="rows without an answer are errors, and not left out")
    revision: str | None = Field(default=None, description="commit of a hub id")
    prompt_column: str = "prompt"
    completion_column: str = "completion"
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.1
    limit: Annotated[int, Bounds(1, 10**10, "no data set has more rows")] | None = Field(
        default=None, description="rows read at most"
    )
    sequence_length: Annotated[int, Bounds(8, 10**7, "no model reads more")] = Field(
        default=2048, description="tokens per row"
    )
    packing: Literal["blocks", "rows"] = "blocks"
    loss_on: Literal["all", "completion"] = "all"
    drop_tail: bool = True
    split_samples: bool = True
    isolate_documents: bool = Field(
        default=True, description="of blocks: each sample is computed as if it were a row of its own"
    )
    seed: Seed = 0

    def ref(self) -> DataRef:
        """The same as a record."""
        validation = (
            self.validation.ref() if isinstance(self.validation, ValidationConfig) else self.validation
        )
        isolate = self.isolate_documents and self.packing == "blocks"
        changed = {"train": train_ref(self.train), "validation": validation, "isolate_documents": isolate}
        return DataRef(**{**dict(self), **changed})


class OodConfig(StudySection):
    """A region of the training rows that is left out, in part or as a whole: out of distribution."""

    region: Literal["length", "syntax", "token", "meaning"]
    low: Fraction = Field(default=0.8, description="of length: the quantile where the region begins")
    high: Fraction = Field(default=1.0, description="of length: the quantile where it ends")
    element: str | None = Field(
        default=None,
        description="of syntax: a class of Python's ast module, or a node of language; of token: the token",
    )
    language: Literal["python", "java"] | None = Field(
        default=None, description="of syntax: whose tree-sitter grammar names the element"
    )
    clusters: Annotated[int, Bounds(2, 10**4, "a cluster needs rows")] = Field(
        default=5, description="of meaning"
    )
    cluster: Annotated[int, Bounds(0, 10**4, "there are no more clusters")] = Field(
        default=0, description="of meaning: which one; 0 is the largest"
    )
    embedding: str | None = Field(
        default=None, description="of meaning: a model of sentence-transformers; null: TF-IDF of tokens"
    )
    training_sets: Annotated[tuple[Literal["full", "few", "ood"], ...], BeforeValidator(_listed)] = Field(
        default=("full", "few", "ood"), min_length=1, description="a search each, over one budget"
    )
    keep: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.1, description="of few: the share kept")
    seed: Seed = 0

    def mask(self) -> Mask:
        """The region as a record, with the first training set."""
        values = {name: value for name, value in self if name != "training_sets"}
        return Mask(**values, training_set=self.training_sets[0])


class TrainingConfig(StudySection):
    """How every trial is optimised, unless its method's block says otherwise."""

    max_steps: Steps = 200
    epochs: Annotated[float, Bounds(0.0, 10**5, FINETUNING, above_low=True)] | None = Field(
        default=None, description="instead of max_steps: times that a trial sees every training row"
    )
    batch_size: RowsOfAStep = Field(default=32, description="rows per optimiser step, over all workers")
    micro_batch_size: RowsOfAStep | None = Field(
        default=None, description="rows per forward; null: all at once"
    )
    warmup_steps: StepsFromZero = 12
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: Annotated[float, Bounds(0.0, 1000, "weights would not live through a step")] = 0.05
    max_grad_norm: Annotated[float, Bounds(0.0, 1e12, "1e12 clips nothing", above_low=True)] = 1.0
    validate_every: Steps = Field(default=10, description="steps")
    activation_checkpointing: bool = Field(
        default=False, description="blocks are computed again in the backward pass: less memory, more time"
    )
    optimizer: Literal["adamw", "adamw_bf16", "adamw_8bit", "paged_adamw", "paged_adamw_8bit"] = Field(
        default="adamw", description="AdamW with its numbers in float32, or in fewer bytes"
    )
    learning_rate: Annotated[float, Bounds(0.0, 1000, "no method trains with more", above_low=True)] = 1e-4

    def recipe(self) -> Recipe:
        """The same as a record."""
        return Recipe(**{name: value for name, value in self if name != "epochs"})

    @property
    def counted(self) -> bool:
        """Whether the steps of ``epochs`` are counted yet."""
        return self.epochs is None or "max_steps" in self.model_fields_set


class SearchConfig(StudySection):
    """Who proposes trials."""

    sampler: Literal["per_method", "tpe", "random", "grid"] = Field(
        default="per_method",
        description="per_method: equally many trials of each method, compared with its own alone",
    )
    seed: Seed = 0
    bracket: AutoTogether = Field(default="auto", description="trials that start together")
    startup_per_method: AutoEach = Field(
        default="auto", description="random trials of each method before the sampler learns"
    )

    @property
    def within_methods(self) -> bool:
        """Whether trials are compared with others of their method alone."""
        return self.sampler == "per_method"


class BudgetConfig(StudySection):
    """What the study may spend."""

    trials: Annotated[int, TRIALS]
    wall_minutes: Annotated[float, Bounds(0.0, 10**7, "that is 19 years", above_low=True)] | None = None
    gpu_hours: Annotated[float, Bounds(0.0, 10**8, "no study has more", above_low=True)] | None = None


class EarlyStopConfig(StudySection):
    """When a trial that is behind its peers is stopped."""

    rule: Literal["halving", "asha", "median", "none"] = "halving"
    grace: AutoSteps = Field(
        default="auto",
        description="steps before the first comparison; auto: one and a half warm-ups, a ninth of max_steps "
        "at least",
    )
    reduction: Annotated[int, Bounds(2, 1000, "no bracket would have a second comparison")] = Field(
        default=3, description="one in so many goes on"
    )
    keep_per_method: Each = Field(default=1, description="the best of each method that are never stopped")
    audit_fraction: Fraction = Field(
        default=0.1, description="losers that may finish, to measure the regret of stopping"
    )


class EvaluateConfig(StudySection):
    """What is asked of the tuned models."""

    tasks: Texts = Field(default=(), description="names in evaluators/, or paths; options behind a ?")
    which: Literal["finalists", "all", "none"] = "finalists"
    top: Each = Field(default=3, description="best trials overall")
    per_method: Each = Field(default=1, description="best trials of each method")
    audited: bool = True
    seeds: Annotated[int, Bounds(0, 1000, "each is a whole training run")] = Field(
        default=0, description="times the best are trained anew, each with another seed; 3 or more tell luck"
    )
    samples: Annotated[int, Bounds(1, 10**4, "no benchmark asks for more")] = Field(
        default=5, description="per problem; more problems tell more than more samples"
    )
    temperature: Annotated[float, Bounds(0.0, 100, "all tokens are then equally likely")] = Field(
        default=0.2, description="0: greedy"
    )
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    max_new_tokens: Annotated[int, Bounds(1, 10**6, "no model writes more")] = 256
    limit: Problems | None = Field(default=None, description="problems per task at most")


class LanesConfig(StudySection):
    """Where trials run."""

    count: AutoMachines = "auto"
    slots: AutoMachines = Field(default="auto", description="trials that share one lane's base model")
    pack_tokens: AutoPass = Field(
        default="auto",
        description="tokens of a forward pass that trials of a lane share; 1: they take turns",
    )
    workers: Machines = Field(default=1, description="processes per lane")
    cpus: Annotated[float, Bounds(0.0, 10**4, "no machine has more", above_low=True)] = Field(
        default=1.0, description="per worker"
    )
    gpus: AutoGpus = Field(default="auto", description="per worker")


class SandboxConfig(StudySection):
    """What the programs of models can import where they are judged."""

    python: str = Field(
        default="default",
        min_length=1,
        description="packages for programs: default, numpy, or the folder of a virtual environment",
    )


class TrackingConfig(StudySection):
    """Where the numbers are kept."""

    mlflow: bool = True
    uri: str | None = Field(
        default=None, description="null: MLFLOW_TRACKING_URI, else sqlite in the run folder"
    )


class StudyConfig(StudySection):
    """One study: the methods to compare, the model and data, and the budget they share."""

    version: Literal[1] = 1
    name: str = Field(pattern=NAME, description="also the name of the run folder and the MLflow experiment")
    model: ModelConfig
    data: DataConfig
    ood: OodConfig | None = None
    training: TrainingConfig = TrainingConfig()
    search: SearchConfig = SearchConfig()
    budget: BudgetConfig
    early_stop: EarlyStopConfig = EarlyStopConfig()
    defaults: Block = Field(default={}, description="parameters of every method that has them")
    methods: dict[str, Block] = Field(
        min_length=1, description="null for a method: search_spaces/<method>.yaml"
    )
    enqueue: Annotated[tuple[dict[str, Scalar], ...], BeforeValidator(_listed)] = ()
    evaluate: EvaluateConfig = EvaluateConfig()
    sandbox: SandboxConfig = SandboxConfig()
    lanes: LanesConfig = LanesConfig()
    tracking: TrackingConfig = TrackingConfig()
    output: str = Field(default="runs", min_length=1, description="the study's folder is made in this one")
    _origins: Origins = PrivateAttr(default_factory=Origins)

    def data_ref(self) -> DataRef:
        """The data of every trial: rows, and what of them is left out."""
        return replace(self.data.ref(), mask=self.ood.mask() if self.ood else None)

    @property
    def training_set(self) -> str:
        """The first training set of a region; empty without a region."""
        return self.ood.training_sets[0] if self.ood else ""

    def searches(self) -> tuple["StudyConfig", ...]:
        """This study for each of its training sets, with an equal part of the trials; else itself alone."""
        if self.ood is None:
            return (self,)
        sets = self.ood.training_sets
        budget = self.budget.model_copy(update={"trials": self.budget.trials // len(sets)})
        regions = (self.ood.model_copy(update={"training_sets": (name,)}) for name in sets)
        return tuple(self.model_copy(update={"ood": region, "budget": budget}) for region in regions)

    def problem(self, path: Path, text: str) -> ConfigProblem:
        """A mistake at ``path``, with the file and line (or the flag) that wrote it."""
        return self._origins.problem(path, text)

    def written_in(self, origins: Origins) -> "StudyConfig":
        """The same study, knowing where each value was written."""
        copy = self.model_copy()
        copy._origins = origins
        return copy

    def resolved(self) -> dict[str, Any]:
        """The whole study as plain values, defaults included, with the secrets of addresses masked.

        Read back, it is the same study, except for masked values.
        """
        values = self.model_dump(mode="json")
        prompts = {key: values["data"][key] for key in ("template", "system")}  # texts, and no addresses
        masked = mask_values(values)
        return {**masked, "data": {**masked["data"], **prompts}}

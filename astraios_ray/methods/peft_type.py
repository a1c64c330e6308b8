"""Any other method of the peft library, as ``peft:<TYPE>``, with its own hyperparameters.

Its layers are those that LoRA adapts unless ``target_modules`` says otherwise (a regular expression over
whole names, or ``all-linear``). Types that need more than a forward and a backward pass per step are refused.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from torch import nn

from astraios_ray.errors import ConfigError, UnknownName
from astraios_ray.linear_layers import text_prefix
from astraios_ray.methods.hyperparameters import Field, fields_of
from astraios_ray.methods.injection import no_update
from astraios_ray.methods.layer_updates import WholeLayer
from astraios_ray.methods.linear import is_transposed, quantization_of
from astraios_ray.methods.method import FAMILIES
from astraios_ray.methods.prompting import WHY_NOT_MERGED, apply_prompt
from astraios_ray.methods.requirements import require_layers
from astraios_ray.methods.stored import Origin
from astraios_ray.methods.through_peft import apply_peft
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.records import MethodTraits, TargetModules, Value

CONFIGS: dict[str, Any] = {kind.value: config for kind, config in PEFT_TYPE_TO_CONFIG_MAPPING.items()}
NOT_OURS = (  # peft's book-keeping, and values that follow from the model
    "task_type", "peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision",
    "inference_mode", "modules_to_save", "fan_in_fan_out", "token_dim", "num_transformer_submodules",
    "num_attention_heads", "num_layers", "megatron_core", "tokenizer_name_or_path",
)  # fmt: skip
PROMPTS = ("P_TUNING", "PREFIX_TUNING", "PROMPT_TUNING")
ALONE = ("PREFIX_TUNING",)  # its keys and values are in a cache that all rows share
UNMERGED = ("BEFT", "LILY")  # layers that peft cannot merge
REFUSED = {
    "ADALORA": "changes its ranks between steps",
    "ADAPTION_PROMPT": "has no place in the architectures that we know",
    "CARTRIDGE": "starts from a cache that another model wrote",
    "CPT": "needs lists of context tokens",
    "MULTITASK_PROMPT_TUNING": "needs a task's number with every row",
    "POLY": "needs a task's number with every row",
    "SHADOW": "adds a second model with a loss of its own",
    "TRAINABLE_TOKENS": "needs a list of tokens",
    "XLORA": "needs adapters that were trained before",
}
SHARING = (  # tested to leave every tensor and module of the base as they were
    "ADAMSS", "BEFT", "BOFT", "C3A", "DEFT", "DELORA", "FOURIERFT", "FROD", "GLORA", "GRALORA", "HIRA",
    "HRA", "IA3", "LILY", "LN_TUNING", "LOHA", "LOKR", "LORA", "MISS", "OFT", "OSF", "PEANUT",
    "PREFIX_TUNING", "PROMPT_TUNING", "PSOFT", "PVERA", "P_TUNING", "RANDLORA", "ROAD", "SHIRA",
    "SUPERTUNING", "TINYLORA", "UNILORA", "VBLORA", "VERA", "WAVEFT",
)  # fmt: skip
CHANGING = (  # fields whose other values may train or rewrite the base's own weights
    "bias", "init_weights", "init_lora_weights", "init_ia3_weights", "target_modules",
    "runtime_offload_base_weight",
)  # fmt: skip
READING = (  # types that compute with the base's weights, which peft does not unround for them
    "ADAMSS", "DEFT", "DELORA", "FROD", "GLORA", "HRA", "OSF", "PSOFT", "SUPERTUNING", "TINYLORA",
)  # fmt: skip
READING_BY_QUANTIZATION = {
    "none": (),
    "int8": (*READING, "SHIRA"),
    "nf4": (*READING, "LOHA", "LOKR", "PEANUT"),  # the shape of packed weights is another
}


@dataclass(frozen=True)
class PeftType:
    """One of peft's types. A value that ``hyperparameters`` does not have is peft's default."""

    kind: str
    hyperparameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def traits(self) -> MethodTraits:
        """Those of its type; some hyperparameters make it change the base."""
        shares_base = self._shares_base()
        no_merge = "has no merge in peft" if self.kind in UNMERGED else ""
        return MethodTraits(
            shares_base=shares_base,
            packs=shares_base and self.kind not in ALONE,
            why_not_merged=WHY_NOT_MERGED if self.kind in PROMPTS else no_merge,
        )

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields of TargetModules without which it has no layer, unless it is told other layers."""
        if self.kind in (*PROMPTS, "LN_TUNING") or self.hyperparameters.get("target_modules"):
            return ()
        return ("key_value",) if self.kind == "IA3" else ("attention_in", "attention_out")

    def _shares_base(self) -> bool:
        """Whether the type was tested not to change the base, and no hyperparameter makes it do so."""
        defaults = fields_of(CONFIGS[self.kind])
        values = self.hyperparameters
        risky = [name for name in CHANGING & values.keys() if values[name] != defaults[name].default]
        return self.kind in SHARING and not risky

    def refuse_quantization(self, quantization: str) -> None:
        """Raise ConfigError where peft would take rounded weights of the base for exact ones."""
        if self.kind in READING_BY_QUANTIZATION[quantization]:
            raise ConfigError(
                f"Method 'peft:{self.kind}' computes with the base's weights, which {quantization} "
                "rounds. Set model.quantization to none, or leave the method out."
            )

    def apply(self, base: nn.Module, target_modules: TargetModules, seed: int) -> TunedModel:
        """Put the peft method on ``base``. Raises ConfigError with peft's words where they do not fit."""
        self.refuse_quantization(quantization_of(base))
        require_layers(f"peft:{self.kind}", self.needs, base, target_modules)
        origin = Origin(f"peft:{self.kind}", dict(self.hyperparameters), seed)
        if self.kind in PROMPTS:
            return apply_prompt(base, self._config(base, {}), origin)
        config = self._config(base, self._targets(base, target_modules))
        return apply_peft(
            base, config, origin, bare=False, describe=WholeLayer if self.traits.packs else no_update
        )

    def _config(self, base: nn.Module, values: Mapping[str, object]) -> Any:
        try:
            return CONFIGS[self.kind](**{**values, **self.hyperparameters})
        except Exception as error:  # peft raises various errors for hyperparameters that do not fit together
            raise ConfigError(f"Method 'peft:{self.kind}': peft refuses: {error}") from error

    def _targets(self, base: nn.Module, target_modules: TargetModules) -> dict[str, object]:
        """The values of the config that name the target modules."""
        if self.kind == "LN_TUNING":
            norms = [
                name
                for name, module in base.named_modules()
                if type(module).__name__.endswith("Norm") and list(module.parameters(recurse=False))
            ]
            return {"target_modules": [name for name in norms if name.startswith(text_prefix(base))]}
        if self.kind == "IA3":
            targets = [*target_modules.key_value, *target_modules.mlp_out]
            more: dict[str, object] = {"feedforward_modules": list(target_modules.mlp_out)}
        else:
            targets, more = (
                [*target_modules.attention_in, *target_modules.attention_out, *target_modules.mlp_out],
                {},
            )
        if "fan_in_fan_out" in fields_of(CONFIGS[self.kind]):
            more["fan_in_fan_out"] = is_transposed(base, targets)
        return {"target_modules": targets, **more}


class PeftTypes:
    """The family ``peft:``."""

    def fields(self, kind: str) -> Mapping[str, Field]:
        """peft's own configuration fields that take plain values. Raises UnknownName or ConfigError."""
        if kind not in CONFIGS:
            near = difflib.get_close_matches(kind.upper(), CONFIGS, n=1)
            hint = f" Did you mean 'peft:{near[0]}'?" if near else ""
            names = ", ".join(sorted(CONFIGS.keys() - REFUSED.keys()))
            raise UnknownName(f"peft has no type {kind!r}.{hint} Known: {names}.")
        if kind in REFUSED:
            raise ConfigError(f"Method 'peft:{kind}' cannot be searched over: it {REFUSED[kind]}.")
        return fields_of(CONFIGS[kind], NOT_OURS)

    def make(self, kind: str, hyperparameters: Mapping[str, Value]) -> PeftType:
        """The method of this type with these hyperparameters."""
        return PeftType(kind, dict(hyperparameters))


FAMILIES.add("peft")(PeftTypes())

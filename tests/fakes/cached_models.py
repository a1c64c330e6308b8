"""Tiny random models that remember what they have read in different ways, by their config's class."""

from collections.abc import Mapping
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoModelForCausalLM, PretrainedConfig

from tests.fakes.tiny_models import ENDS, SPLIT

WINDOWS = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 8, "head_dim": 8}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
MAMBA_2 = {
    "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_n_groups": 1, "mamba_d_conv": 3,
    "mamba_chunk_size": 8,
}  # fmt: skip
PER_LAYER = {"vocab_size_per_layer_input": SPLIT["vocab_size"], "hidden_size_per_layer_input": 8}
IN_A_CACHE: Mapping[str, Mapping[str, Any]] = {
    "Starcoder2": {**SPLIT, "sliding_window": 8},
    "Gemma3Text": {**SPLIT, **WINDOWS},
    "GptOss": {**SPLIT, **WINDOWS, "num_local_experts": 4, "num_experts_per_tok": 2},
    "Llama4Text": {  # looks at the tokens of a chunk
        **SPLIT, "head_dim": 8, "intermediate_size_mlp": 48, "num_local_experts": 2, "moe_layers": [1],
        "attention_chunk_size": 8, "layer_types": ["chunked_attention", "full_attention"],
        "no_rope_layers": [1, 0],
    },
    "Gemma3nText": {  # two layers read the keys and values of two others
        **SPLIT, **WINDOWS, **PER_LAYER, "num_hidden_layers": 4, "layer_types": 2 * WINDOWS["layer_types"],  # type: ignore[operator]
        "num_kv_shared_layers": 2, "altup_num_inputs": 2, "laurel_rank": 4, "intermediate_size": 4 * [48],
        "activation_sparsity_pattern": 4 * [0.0],
    },
    "Jamba": {
        **SPLIT, "num_experts": 2, "num_experts_per_tok": 1, "attn_layer_period": 2, "attn_layer_offset": 1,
        "mamba_d_state": 4, "mamba_d_conv": 3, "mamba_dt_rank": 4, "use_mamba_kernels": False,
    },
    "Bamba": {**SPLIT, **MAMBA_2, "mamba_expand": 2, "attn_layer_indices": [1]},
    "FalconH1": {**SPLIT, **MAMBA_2, "mamba_d_ssm": 32},  # attention and a state in each layer
    "GraniteMoeHybrid": {
        **SPLIT, **MAMBA_2, "layer_types": ["mamba", "attention"], "num_local_experts": 0,
        "shared_intermediate_size": 48,
    },
    "Lfm2": {**SPLIT, "layer_types": ["conv", "full_attention"], "block_auto_adjust_ff_dim": False},
    "Qwen3Next": {
        **SPLIT, **EXPERTS, "head_dim": 8, "shared_expert_intermediate_size": 24,
        "layer_types": ["linear_attention", "full_attention"], "linear_num_value_heads": 4,
        "linear_num_key_heads": 2, "linear_key_head_dim": 4, "linear_value_head_dim": 4,
    },
}  # fmt: skip
ELSEWHERE: Mapping[str, Mapping[str, Any]] = {
    "RecurrentGemma": {  # in its modules
        **SPLIT, "lru_width": 16, "attention_window_size": 8, "block_types": ["recurrent", "attention"],
    },
    "MiniMax": {  # in a cache of its own
        **SPLIT, "head_dim": 8, "num_local_experts": 4, "block_size": 4,
        "layer_types": ["linear_attention", "full_attention"],
    },
    "Mamba2": {  # in states of no length
        "vocab_size": SPLIT["vocab_size"], "hidden_size": 16, "num_hidden_layers": 2, "state_size": 4,
        "num_heads": 4, "head_dim": 8, "n_groups": 1, "chunk_size": 8,
    },
}  # fmt: skip


CACHES = {**IN_A_CACHE, **ELSEWHERE}


def cached_config(architecture: str, vocabulary: int, end: int) -> PretrainedConfig:
    """The configuration of one of CACHES, with another vocabulary."""
    kind: Any = getattr(transformers, f"{architecture}Config")
    sizes, ends = CACHES[architecture], dict.fromkeys(ENDS, end)
    words = {name: vocabulary for name in sizes if name.startswith("vocab_size")}
    config: PretrainedConfig = kind(**{**sizes, **words, **ends})
    return config


def cached_model(architecture: str, vocabulary: int) -> nn.Module:
    """A frozen random model in eval mode, whose weights are so large that its texts vary."""
    config = cached_config(architecture, vocabulary, vocabulary - 1)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(config)
        for parameter in model.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.3)
    frozen: nn.Module = model.requires_grad_(False).eval()
    return frozen

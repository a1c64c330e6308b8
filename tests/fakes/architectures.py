"""Tiny configurations of many architectures, by the name of their configuration's class in transformers.

Most take SIZES as they are. An architecture needs a line where its keys have other names, or where the
defaults of its own keys are those of a large model. A form of an architecture stands in brackets.
"""

from collections.abc import Mapping
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, PretrainedConfig

VOCABULARY = 61
ENDS = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
SIZES: Mapping[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 96, **ENDS,
}  # fmt: skip
GPT: Mapping[str, Any] = {
    "vocab_size": VOCABULARY, "n_positions": 96, "n_embd": 16, "n_layer": 2, "n_head": 4, **ENDS,
}  # fmt: skip
GPT_J = {**GPT, "n_inner": 48, "rotary_dim": 4}
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
LATENT = {
    "q_lora_rank": 8, "kv_lora_rank": 8, "qk_rope_head_dim": 4, "qk_nope_head_dim": 4, "v_head_dim": 4,
    "num_key_value_heads": 4, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1,
    "moe_intermediate_size": 24, "first_k_dense_replace": 1, "n_group": 2, "topk_group": 1,
}  # fmt: skip
BART = {
    "vocab_size": VOCABULARY, "d_model": 16, "encoder_layers": 2, "decoder_layers": 2,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
    "max_position_embeddings": 96, "forced_eos_token_id": None, **ENDS,
}  # fmt: skip
T5 = {
    "vocab_size": VOCABULARY, "d_model": 16, "d_kv": 4, "d_ff": 48, "num_layers": 2, "num_heads": 4,
    "decoder_start_token_id": 0, **ENDS,
}  # fmt: skip
GATED_T5 = {**T5, "feed_forward_proj": "gated-gelu"}
MAMBA = {"vocab_size": VOCABULARY, "hidden_size": 16, "state_size": 4, "num_hidden_layers": 2, **ENDS}

DENSE: Mapping[str, Mapping[str, Any]] = {
    "GPTBigCode": GPT, "GPT2": GPT, "Starcoder2": SIZES, "Qwen2": SIZES, "Qwen3": {**SIZES, "head_dim": 8},
    "Llama": SIZES, "Mistral": SIZES, "Ministral3": SIZES, "Gemma": {**SIZES, "head_dim": 8},
    "Gemma2": {**SIZES, "head_dim": 8, "sliding_window": 8},
    "Gemma3Text": {**SIZES, "head_dim": 8, "sliding_window": 8},
    "Phi": SIZES, "Phi3": SIZES, "Granite": SIZES, "SmolLM3": SIZES, "Olmo": SIZES, "Olmo2": SIZES,
    "Olmo3": SIZES, "StableLm": SIZES, "Cohere": SIZES, "Cohere2": SIZES, "Glm": {**SIZES, "head_dim": 4},
    "Glm4": {**SIZES, "head_dim": 4}, "Helium": {**SIZES, "head_dim": 4}, "Exaone4": SIZES, "Arcee": SIZES,
    "Persimmon": SIZES, "Nemotron": {**SIZES, "head_dim": 4}, "GPTNeoX": SIZES, "DiffLlama": SIZES,
    "Ernie4_5": SIZES, "SeedOss": {**SIZES, "head_dim": 4}, "NanoChat": SIZES, "Apertus": SIZES,
    "CodeGen": GPT_J, "GPTJ": GPT_J,
    "GPTNeo": {
        "vocab_size": VOCABULARY, "hidden_size": 16, "num_layers": 2, "num_heads": 4, "intermediate_size": 48,
        "attention_types": [[["global", "local"], 1]], "max_position_embeddings": 96, **ENDS,
    },
    "Bloom": {"vocab_size": VOCABULARY, "hidden_size": 16, "n_layer": 2, "n_head": 4, **ENDS},
    "OPT": {**SIZES, "ffn_dim": 48, "word_embed_proj_dim": 16},
    "Falcon": {**SIZES, "multi_query": True, "ffn_hidden_size": 48},
    "Mpt": {"vocab_size": VOCABULARY, "d_model": 16, "n_heads": 4, "n_layers": 2, "max_seq_len": 96, **ENDS},
    "XGLM": {
        "vocab_size": VOCABULARY, "d_model": 16, "ffn_dim": 48, "num_layers": 2, "attention_heads": 4,
        "max_position_embeddings": 96, **ENDS,
    },
}  # fmt: skip
WITH_EXPERTS: Mapping[str, Mapping[str, Any]] = {
    "Qwen2Moe": {**SIZES, **EXPERTS, "shared_expert_intermediate_size": 24},
    "Qwen3Moe": {**SIZES, **EXPERTS, "head_dim": 8},
    "Mixtral": {**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2},
    "GptOss": {
        **SIZES, "head_dim": 8, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 8,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    },
    "DeepseekV2": {**SIZES, **LATENT},
    "DeepseekV3": {**SIZES, **LATENT},
    "Olmoe": {**SIZES, "num_experts": 4, "num_experts_per_tok": 2},
    "GraniteMoe": {**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2},
    "Glm4Moe": {**SIZES, **LATENT, "head_dim": 4, "num_key_value_heads": 2},
}  # fmt: skip
RECURRENT: Mapping[str, Mapping[str, Any]] = {
    "Mamba": MAMBA,
    "Mamba2": {**MAMBA, "num_heads": 4, "head_dim": 8, "n_groups": 1},
    "Rwkv": {"vocab_size": VOCABULARY, "hidden_size": 16, "num_hidden_layers": 2, "context_length": 96},
}
HYBRID: Mapping[str, Mapping[str, Any]] = {  # attention in some blocks, recurrent layers in others
    "Qwen3Next": {
        **SIZES, **EXPERTS, "head_dim": 8, "shared_expert_intermediate_size": 24,
        "layer_types": ["linear_attention", "full_attention"], "linear_num_value_heads": 4,
        "linear_num_key_heads": 2, "linear_key_head_dim": 4, "linear_value_head_dim": 4,
    },
    "RecurrentGemma": {**SIZES, "num_hidden_layers": 3, "lru_width": 16, "attention_window_size": 32},
}  # fmt: skip
ENCODER_DECODERS: Mapping[str, Mapping[str, Any]] = {
    "T5": T5, "T5 (gated)": GATED_T5, "MT5": GATED_T5, "Bart": BART, "PLBart": BART,
}  # fmt: skip
CAUSAL = {**DENSE, **WITH_EXPERTS, **RECURRENT, **HYBRID}
ALL = {**CAUSAL, **ENCODER_DECODERS}


def small_config(architecture: str) -> PretrainedConfig:
    """The tiny configuration of one of ALL."""
    kind: Any = getattr(transformers, f"{architecture.partition(' (')[0]}Config")
    config: PretrainedConfig = kind(**ALL[architecture])
    return config


def small_model(architecture: str, seed: int = 0) -> nn.Module:
    """A frozen random model of one of ALL, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model: Any = auto_class(architecture).from_config(small_config(architecture))
    model.config.use_cache = False
    frozen: nn.Module = model.requires_grad_(False).eval()
    return frozen


def auto_class(architecture: str) -> Any:
    """transformers' class for the task of the architecture."""
    return AutoModelForSeq2SeqLM if architecture in ENCODER_DECODERS else AutoModelForCausalLM


def outline(architecture: str) -> nn.Module:
    """The model of one of ALL on the meta device."""
    with torch.device("meta"):
        return small_model(architecture)

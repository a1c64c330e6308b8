"""Tiny random models that cap or scale their logits, two of them beside a vision tower."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    CohereConfig,
    FalconH1Config,
    Gemma2Config,
    Gemma3Config,
    Gemma4Config,
    GraniteConfig,
    PretrainedConfig,
    RecurrentGemmaConfig,
)

from tests.fakes.tiny_models import SPLIT

VISION = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "image_size": 8, "patch_size": 4,
}  # fmt: skip
GEMMA = {**SPLIT, "head_dim": 4, "final_logit_softcapping": 0.5}
GEMMA4 = {
    **GEMMA, "global_head_dim": 4, "hidden_size_per_layer_input": 0, "vocab_size_per_layer_input": 61,
    "layer_types": ["sliding_attention", "full_attention"], "num_kv_shared_layers": 0,
}  # fmt: skip
CAPPED: dict[str, Callable[[], PretrainedConfig]] = {
    "Gemma2": lambda: Gemma2Config(**GEMMA),
    "Gemma3": lambda: Gemma3Config(text_config=GEMMA, vision_config=VISION, mm_tokens_per_image=4),
    "Gemma4": lambda: Gemma4Config(
        text_config=GEMMA4, vision_config={**VISION, "num_key_value_heads": 2, "head_dim": 8},
        image_token_id=60, video_token_id=59, audio_token_id=58,
    ),
    "RecurrentGemma": lambda: RecurrentGemmaConfig(**SPLIT, logits_soft_cap=0.5, lru_width=16),
    "Cohere": lambda: CohereConfig(**SPLIT, logit_scale=0.25),
    "Granite": lambda: GraniteConfig(**SPLIT, logits_scaling=4.0),
    "FalconH1": lambda: FalconH1Config(
        **SPLIT, lm_head_multiplier=0.25, mamba_d_ssm=16, mamba_n_heads=4, mamba_d_head=4, mamba_d_state=8,
        mamba_chunk_size=8,
    ),
}  # fmt: skip
WITH_VISION = ("Gemma3", "Gemma4")


def capped_model(architecture: str) -> Any:
    """A frozen random model in eval mode, with weights so large that its cap or scale changes its loss."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model: Any = AutoModelForCausalLM.from_config(CAPPED[architecture]())
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.3)
    return model.requires_grad_(False).eval()

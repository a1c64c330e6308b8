"""Tiny random models of some architectures, and a way to train them for a few steps."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import torch
import transformers
from torch import nn
from transformers import AutoModelForCausalLM, PretrainedConfig

from astraios_ray.methods import TunedModel, build
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import TargetModules, Value

VOCABULARY = 61
ENDS = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
SPLIT = {
    "vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 48, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 96, **ENDS,
}  # fmt: skip
FUSED = {"vocab_size": VOCABULARY, "n_positions": 96, "n_embd": 16, "n_layer": 2, "n_head": 4, **ENDS}
ARCHITECTURES = ("GPTBigCode", "GPT2", "Starcoder2", "Qwen2", "Qwen3", "Llama")
SMALL = {
    "lora": {"r": 3},
    "p_tuning": {"virtual_tokens": 5},
    "adapter_h": {"bottleneck": 6},
    "adapter_p": {"bottleneck": 6},
    "parallel": {"bottleneck": 6},
}


def tiny_config(architecture: str) -> PretrainedConfig:
    """A small configuration of an architecture, by the name of its class in transformers."""
    kind: Any = getattr(transformers, f"{architecture}Config")
    sizes = FUSED if "n_embd" in kind.attribute_map.values() else SPLIT
    config: PretrainedConfig = kind(**sizes)
    return config


def tiny_model(architecture: str = "GPTBigCode", seed: int = 0) -> nn.Module:
    """A frozen random model in eval mode; each caller gets a copy."""
    return deepcopy(_random_model(architecture, seed))


@cache
def _random_model(architecture: str, seed: int) -> nn.Module:
    """Its weights are larger than usual, so that logits differ."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would walk the whole stack
        model: Any = AutoModelForCausalLM.from_config(tiny_config(architecture))
        for parameter in model.parameters():
            nn.init.normal_(parameter, std=0.15)
    model.config.use_cache = False
    frozen: nn.Module = model.requires_grad_(False).eval()
    return frozen


def target_modules_of(architecture: str) -> TargetModules:
    """Those of a tiny model."""
    return find_target_modules(_random_model(architecture, 0), None)


def moved(
    base: nn.Module, architecture: str, kinds: Sequence[tuple[str, Mapping[str, Value]]], by: float = 0.1
) -> list[TunedModel]:
    """Methods on one base, moved by noise of size ``by``, since some do nothing at their start."""
    models = []
    for seed, (name, values) in enumerate(kinds):
        tuned = build(name, values).apply(base, target_modules_of(architecture), seed)
        noise = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in tuned.trainable().values():
                parameter.add_(by * torch.randn(parameter.shape, generator=noise, dtype=parameter.dtype))
        models.append(tuned)
    return models


def tokens(rows: int = 3, length: int = 12, seed: int = 1) -> torch.Tensor:
    return torch.randint(VOCABULARY, (rows, length), generator=torch.Generator().manual_seed(seed))


def loss_of(tuned: TunedModel, ids: torch.Tensor) -> torch.Tensor:
    labels = ids.clone()
    labels[:, 0] = -100
    output = tuned.model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels, use_cache=False)
    loss: torch.Tensor = output.loss
    return loss


def optimizer_of(tuned: TunedModel) -> torch.optim.Optimizer:
    return torch.optim.AdamW(tuned.trainable().values(), lr=1e-2)


def step(tuned: TunedModel, optimizer: torch.optim.Optimizer, number: int) -> float:
    """One optimiser step with rows and dropout of its own seed; the method is attached only meanwhile."""
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), tuned.attached():
        torch.default_generator.manual_seed(number)
        tuned.model.train()
        loss = loss_of(tuned, tokens(seed=100 + number))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        optimizer.step()
        tuned.model.eval()
    return float(loss.detach())


def train(tuned: TunedModel, steps: Sequence[int] = (0, 1, 2)) -> list[float]:
    optimizer = optimizer_of(tuned)
    return [step(tuned, optimizer, number) for number in steps]


@torch.no_grad()
def logits_of(tuned: TunedModel, ids: torch.Tensor | None = None) -> torch.Tensor:
    with tuned.attached():
        logits: torch.Tensor = tuned.model(input_ids=tokens() if ids is None else ids).logits
    return logits.clone()

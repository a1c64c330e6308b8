"""Sample the next token of many texts, each with its own random numbers."""

import hashlib

import torch

from astraios_ray.records import Sampling


def uniforms(problem: str, sample: int, sampling: Sampling) -> torch.Tensor:
    """One number in [0, 1) per token of one text, float64 [max_new_tokens].

    They depend on seed, problem and sample alone: neither on the other texts of a batch nor on the
    machine nor on ``max_new_tokens``, which only says how many there are.
    """
    name = f"{sampling.seed}\0{problem}\0{sample}".encode()
    generator = torch.Generator().manual_seed(int.from_bytes(hashlib.sha256(name).digest()[:7], "big"))
    return torch.rand(sampling.max_new_tokens, generator=generator, dtype=torch.float64)


def draw(logits: torch.Tensor, numbers: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """The next token of each row: ``logits`` [rows, vocabulary], ``numbers`` [rows]; int64 [rows].

    Temperature 0 takes the likeliest. Else nucleus sampling (Holtzman et al. 2020, arXiv 1904.09751): the
    inverse of the cumulative distribution over the fewest tokens that together reach ``top_p``.
    """
    if sampling.temperature == 0:
        return logits.argmax(dim=-1)
    chances = torch.softmax(logits.double() / sampling.temperature, dim=-1)
    likeliest, tokens = chances.sort(dim=-1, descending=True, stable=True)
    reached = likeliest.cumsum(dim=-1)
    nucleus = reached - likeliest < sampling.top_p
    last = (nucleus.sum(dim=-1, keepdim=True) - 1).clamp(min=0)
    goal = numbers[:, None] * reached.gather(1, last)
    place = (reached <= goal).sum(dim=-1, keepdim=True).minimum(last)
    return tokens.gather(1, place)[:, 0]

"""What it costs that documents of one block do not see each other, on a CPU.

Four blocks of 1024 tokens hold functions of Python's own library. LoRA takes forward and backward passes over
them on a Llama of 4 layers, in four ways and in turns: the blocks as they are, where documents see each
other; under transformers' own mask, which it makes from positions that begin anew; as documents without
padding, which is what this package does; and as padded documents of similar length, which it does where a
base needs its padding. CPU time of all passes, the median over the rounds, and the losses.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from statistics import mean, median
from time import process_time
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from astraios_ray.data.documents import of_similar_length, separated
from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import IGNORED, Counts, Packed, Sample, pack_blocks
from astraios_ray.data.tokenise import Rows
from astraios_ray.methods import build
from astraios_ray.methods.tuned import TunedModel
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.shared_pass.chunked_loss import mean_losses, next_tokens, try_head
from astraios_ray.shared_pass.padding_free import Padded, Unpadded
from benchmarks.padding import function_lengths

VOCABULARY, WIDTH, LAYERS, LENGTH, BLOCKS = 4096, 256, 4, 1024, 4


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    tuned, blocks = _tuned(), _blocks()
    print(f"{blocks.documents} documents in {BLOCKS} blocks, {mean(_lengths(blocks)):.0f} tokens each")
    ways = _ways(tuned, blocks)
    times: dict[str, list[float]] = {name: [] for name in ways}
    losses: dict[str, float] = {}
    with tuned.attached():
        for _ in range(rounds + 1):  # the first is to warm up
            for name, way in ways.items():
                started = process_time()
                losses[name] = way()
                times[name].append(1000 * (process_time() - started))
    for name, measured in times.items():
        print(f"{name}: CPU {median(measured[1:]):.0f} ms, loss {losses[name]:.6f}")


def _tuned() -> TunedModel:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=4 * WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=4, max_position_embeddings=LENGTH,
    )  # fmt: skip
    base = LlamaForCausalLM(config).eval().requires_grad_(False)
    try_head(base)
    return build("lora", {"dropout": 0.0}).apply(base, find_target_modules(base, None), 0)


def _blocks() -> Rows:
    generator = torch.Generator().manual_seed(0)
    lengths = islice(function_lengths(), 300)
    texts = [torch.randint(VOCABULARY, (length,), generator=generator).tolist() for length in lengths]
    samples = [Sample(ids, ids, len(ids)) for ids in texts]
    return pack_in_memory(samples, _pack, LENGTH, 0).at(torch.arange(BLOCKS))


def _pack(lengths: Counts) -> Packed:
    return pack_blocks(lengths, lengths, LENGTH, drop_tail=True, seed=0)


def _lengths(blocks: Rows) -> list[float]:
    return [float(length) for length in separated(blocks).attention_mask.sum(1)]


def _ways(tuned: TunedModel, blocks: Rows) -> dict[str, Callable[[], float]]:
    documents = separated(blocks)
    joined = Rows(blocks.input_ids, blocks.labels, torch.ones_like(blocks.input_ids))
    similar = list(of_similar_length(documents, blocks.input_ids.numel()))
    numbers = blocks.attention_mask
    begins = numbers.diff(dim=1, prepend=torch.zeros(len(blocks), 1, dtype=numbers.dtype)) > 0
    positions = torch.arange(LENGTH) - torch.where(begins, torch.arange(LENGTH), 0).cummax(1).values
    return {
        "joined, documents see each other": lambda: _passes(tuned, [joined]),
        "joined, transformers' mask": lambda: _masked(tuned, joined, positions),
        "documents without padding": lambda: _passes(tuned, [documents], unpadded=True),
        "documents of similar length": lambda: _passes(tuned, similar),
    }


def _passes(tuned: TunedModel, parts: list[Rows], *, unpadded: bool = False) -> float:
    return sum(_backward(tuned, *arguments) for arguments in _calls(tuned, parts, unpadded))


def _calls(tuned: TunedModel, parts: list[Rows], unpadded: bool) -> Iterator[tuple[Any, ...]]:
    total = sum(int((part.labels != IGNORED).sum()) for part in parts)
    for part in parts:
        batch = {"input_ids": part.input_ids, "attention_mask": part.attention_mask, "labels": part.labels}
        rows = Unpadded([batch], tuned.base) if unpadded else Padded([batch])
        share = int((part.labels != IGNORED).sum()) / total
        yield rows.arguments, rows.targets, rows.attention, share


def _masked(tuned: TunedModel, joined: Rows, positions: torch.Tensor) -> float:
    arguments = {"input_ids": joined.input_ids, "position_ids": positions}
    return _backward(tuned, arguments, [next_tokens(joined.labels)], nullcontext, 1.0)


def _backward(tuned: TunedModel, arguments: Any, targets: Any, attention: Any, share: float) -> float:
    base: Any = tuned.base

    def call() -> Any:
        with attention():
            return base(**arguments, use_cache=False)

    (loss,) = mean_losses(base, call, targets)
    (loss * share).backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
    for parameter in tuned.trainable().values():
        parameter.grad = None
    return float(loss.detach()) * share


if __name__ == "__main__":
    main()

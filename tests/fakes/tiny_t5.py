"""A tiny random T5, and rows for it: a prompt, and an answer that repeats the prompt's beginning."""

from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoModelForSeq2SeqLM, T5Config

from astraios_ray.data.packed_rows import pack_in_memory
from astraios_ray.data.packing import IGNORED, Sample, pack_rows
from astraios_ray.data.seq2seq import widths_of
from astraios_ray.data.tokenise import Blocks
from astraios_ray.models.load_base import Base
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import ModelRef
from tests.fakes.byte_tokenizers import byte_tokenizer

MODEL, VOCABULARY, PAD, END, LENGTH = ModelRef("tiny T5"), 61, 0, 1, 24
SMALL = {
    "vocab_size": VOCABULARY, "d_model": 16, "d_kv": 4, "d_ff": 48, "num_layers": 2, "num_heads": 4,
    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 16,
    "pad_token_id": PAD, "eos_token_id": END, "decoder_start_token_id": PAD,
}  # fmt: skip


def tiny_t5(
    *, gated: bool = False, dropout: float = 0.0, vocabulary: int = VOCABULARY, end: int = END
) -> Any:
    """A frozen random model in eval mode; each caller gets a copy."""
    return deepcopy(_random_t5(gated, dropout, vocabulary, end))


@cache
def _random_t5(gated: bool, dropout: float, vocabulary: int, end: int) -> nn.Module:
    """Its weights are larger than usual, so that logits differ."""
    activation = "gated-gelu" if gated else "relu"
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.default_generator.manual_seed(0)
        sizes = {**SMALL, "vocab_size": vocabulary, "eos_token_id": end}
        config = T5Config(**sizes, feed_forward_proj=activation, dropout_rate=dropout)
        model: Any = AutoModelForSeq2SeqLM.from_config(config)
        for parameter in model.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.2)
        model.get_input_embeddings().weight.mul_(4)  # of the head too
    model.config.use_cache = False
    frozen: nn.Module = model.requires_grad_(False).eval()
    return frozen


def writing_t5(vocabulary: int, end: int) -> Any:
    """A random T5 that writes different texts after different prompts."""
    model = tiny_t5(gated=True, vocabulary=vocabulary, end=end)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                size = 2.0 if "relative" in name else 0.5 if name == "shared.weight" else 0.4
                nn.init.normal_(parameter, std=size, generator=generator)
    return model


def write_t5(folder: Path, added: str = "eos", *, gated: bool = False) -> Path:
    """A model folder: a tiny T5 whose tokens are bytes. ``added`` as in ``byte_tokenizer``."""
    tokenizer = byte_tokenizer(added)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(PAD)
    model = tiny_t5(gated=gated, vocabulary=len(tokenizer), end=tokenizer.eos_token_id)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def t5_base(*, gated: bool = False, dropout: float = 0.0) -> Base:
    model = tiny_t5(gated=gated, dropout=dropout)
    return Base(model, cast(Any, None), find_target_modules(model, None), MODEL, "random")


def pairs(count: int, seed: int) -> list[tuple[list[int], list[int]]]:
    """Prompts and answers of many lengths, each with its end, of five tokens of the vocabulary."""
    generator = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(count):
        prompt_length, answer_length = torch.randint(2, 10, (2,), generator=generator).tolist()
        prompt = torch.randint(2, 7, (prompt_length,), generator=generator).tolist()
        rows.append(([*prompt, END], [*prompt[:answer_length], END]))
    return rows


def pair_blocks(train: int = 24, validation: int = 6) -> Blocks:
    """Different rows to train on and to validate on."""
    parts = [
        [
            Sample(prompt + answer, [IGNORED] * len(prompt) + answer, 0)
            for prompt, answer in pairs(count, seed)
        ]
        for count, seed in ((train, 1), (validation, 2))
    ]
    pack = partial(pack_rows, length=LENGTH)
    train_rows, validation_rows = (pack_in_memory(part, pack, LENGTH, END) for part in parts)
    return Blocks(train_rows, validation_rows, widths=widths_of([*parts[0], *parts[1]]))

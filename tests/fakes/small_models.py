"""Tiny random models in folders, with a tokenizer: of every architecture of the two lists of them."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from torch import nn
from transformers import PretrainedConfig, PreTrainedTokenizerFast

from tests.fakes.architectures import ALL as CONFIGURED
from tests.fakes.architectures import VOCABULARY, auto_class, small_config
from tests.fakes.cached_models import CACHES, cached_config

REFUSED = ("PLBart",)  # as bases, whatever the method
ALL = tuple(dict.fromkeys(name for name in [*CONFIGURED, *CACHES] if name not in REFUSED))
END = "<end>"
CHARACTERS = "\n !\"#%'()*+,-./0123456789:<=>QAWabcdefghijklmnopqrstuvwxyz"


def write_small_model(architecture: str, folder: Path) -> None:
    """A random model and its tokenizer, as transformers saves them."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        model: Any = auto_class(architecture).from_config(_config(architecture))
        for parameter in model.parameters():
            if parameter.dim() > 1:  # larger than usual, so that losses and texts differ
                nn.init.normal_(parameter, std=0.15)
    model.save_pretrained(folder)
    character_tokenizer().save_pretrained(folder)


def _config(architecture: str) -> PretrainedConfig:
    if architecture in CONFIGURED:
        return small_config(architecture)
    return cached_config(architecture, VOCABULARY, end=0)


def character_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer whose tokens are characters; the first token ends a text, the last stands for any other."""
    signs = [END, *CHARACTERS]
    signs += [f"<{number}>" for number in range(len(signs), VOCABULARY)]
    vocabulary = {sign: place for place, sign in enumerate(signs)}
    tokenizer = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token=signs[-1]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END)

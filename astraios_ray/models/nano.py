"""The embedded model family: four GPTBigCode shapes and their tokenizer."""

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPTBigCodeConfig, GPTBigCodeForCausalLM, PreTrainedTokenizerFast

from astraios_ray.embedded.corpus import documents
from astraios_ray.embedded.primer_rows import primer_rows
from astraios_ray.errors import UnknownName

END = "<|endoftext|>"  # end of text and padding, as StarCoder's
VOCABULARY = 640  # 256 bytes, so that any text has tokens, and merges
POSITIONS = 256
SHAPES = {"nano-xs": (64, 2, 4), "nano-s": (128, 2, 4), "nano-m": (160, 3, 5), "nano-l": (256, 4, 8)}
WORDS = Regex(r"\n *| ?[A-Za-z_]+| ?\d| ?[^\sA-Za-z_\d]+|\s+")


def nano_config(name: str) -> GPTBigCodeConfig:
    """The configuration of one of ``SHAPES``. Raises UnknownName."""
    if name not in SHAPES:
        raise UnknownName(f"No embedded model is named {name!r}. Known: {', '.join(SHAPES)}.")
    width, layers, heads = SHAPES[name]
    return GPTBigCodeConfig(
        vocab_size=VOCABULARY, n_positions=POSITIONS, n_embd=width, n_layer=layers, n_head=heads,
        multi_query=True, attn_pdrop=0.0, resid_pdrop=0.0, embd_pdrop=0.0, initializer_range=0.05,
        bos_token_id=0, eos_token_id=0, pad_token_id=0, use_cache=True,
    )  # fmt: skip


def nano_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE trained on the corpus and the rows; no token crosses a line end.

    So the tokens of a prompt that ends before a line end are a prefix of the tokens of prompt and answer.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(WORDS, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    rows = (f"Question: {row.prompt}\n\nAnswer: {row.completion}" for row in primer_rows())
    tokenizer.train_from_iterator([*documents(3000), *rows], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, bos_token=END, pad_token=END, model_max_length=POSITIONS
    )


def random_model(name: str, seed: int) -> GPTBigCodeForCausalLM:
    """An untrained model with parameters drawn from ``seed``; torch's generators are as before."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GPTBigCodeForCausalLM(nano_config(name))

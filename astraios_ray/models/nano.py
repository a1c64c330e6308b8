"""The embedded models: four GPTBigCode shapes, a T5, and their tokenizer."""

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPTBigCodeConfig,
    GPTBigCodeForCausalLM,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

from astraios_ray.embedded.corpus import documents
from astraios_ray.embedded.primer_rows import primer_rows
from astraios_ray.errors import UnknownName

END = "<|endoftext|>"  # end of text and padding, as StarCoder's
VOCABULARY = 640  # 256 bytes, so that any text has tokens, and merges
POSITIONS = 256
DECODERS = {"nano-xs": (64, 2, 4), "nano-s": (128, 2, 4), "nano-m": (160, 3, 5), "nano-l": (256, 4, 8)}
ENCODER_DECODERS = {"nano-t5": (128, 2, 4)}  # so many layers in each of the two stacks
SHAPES = DECODERS | ENCODER_DECODERS  # width, layers, heads
WORDS = Regex(r"\n *| ?[A-Za-z_]+| ?\d| ?[^\sA-Za-z_\d]+|\s+")


def nano_config(name: str) -> GPTBigCodeConfig | T5Config:
    """The configuration of one of ``SHAPES``. Raises UnknownName."""
    if name not in SHAPES:
        raise UnknownName(f"No embedded model is named {name!r}. Known: {', '.join(SHAPES)}.")
    width, layers, heads = SHAPES[name]
    if name in ENCODER_DECODERS:
        return T5Config(
            vocab_size=VOCABULARY, d_model=width, d_kv=width // heads, d_ff=4 * width, num_layers=layers,
            num_heads=heads, dropout_rate=0.0, relative_attention_max_distance=64,
            bos_token_id=0, eos_token_id=0, pad_token_id=0, decoder_start_token_id=0,
        )  # fmt: skip
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


def random_model(name: str, seed: int) -> GPTBigCodeForCausalLM | T5ForConditionalGeneration:
    """An untrained model with parameters drawn from ``seed``; torch's generators are as before."""
    config = nano_config(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if isinstance(config, T5Config):
            return T5ForConditionalGeneration(config)
        return GPTBigCodeForCausalLM(config)

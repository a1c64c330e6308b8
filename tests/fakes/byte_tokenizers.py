"""Tokenizers of transformers whose tokens are bytes, with special tokens in front of a text and behind it."""

from collections.abc import Sequence

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<unk>", "<s>", "</s>", "<|endoftext|>", "[CLS]", "[SEP]", "[gMASK]", "<sop>")
CHAT = ("<|im_start|>", "<|im_end|>")
FIM = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
ADDED: dict[str, tuple[Sequence[str], Sequence[str], str]] = {  # in front, behind, end of text
    "neither": ((), (), "</s>"),
    "bos": (("<s>",), (), "</s>"),
    "eos": ((), ("</s>",), "</s>"),
    "bos and eos": (("<s>",), ("</s>",), "</s>"),
    "bos that is eos": (("<|endoftext|>",), (), "<|endoftext|>"),
    "bos and eos that are one": (("<|endoftext|>",), ("<|endoftext|>",), "<|endoftext|>"),
    "cls and sep": (("[CLS]",), ("[SEP]",), "</s>"),
    "two in front": (("[gMASK]", "<sop>"), (), "<|endoftext|>"),
}


def byte_tokenizer(
    added: str = "bos", *, leading_space: bool = False, more: Sequence[str] = ()
) -> PreTrainedTokenizerFast:
    """One of ``ADDED``. With ``leading_space`` every text begins with one, as in Llama's.

    ``more`` are further special tokens.
    """
    front, behind, eos = ADDED[added]
    special = [*SPECIAL, *more]
    signs = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={sign: place for place, sign in enumerate(signs)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if leading_space:
        tokenizer.normalizer = normalizers.Prepend(" ")
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=" ".join([*front, "$A", *behind]),
        special_tokens=[(word, signs.index(word)) for word in {*front, *behind}],
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=eos, bos_token=[*front, eos][0])

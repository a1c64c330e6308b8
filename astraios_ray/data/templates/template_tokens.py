"""The tokens of texts that a template wrote."""

from collections.abc import Iterator, Sequence

from astraios_ray.data.templates.template import Template, Tokenizer
from astraios_ray.data.text_tokens import TextTokens, encode_texts, front_of


def encode_in(
    template: Template, tokenizer: Tokenizer, texts: Sequence[str], *, offsets: bool = False
) -> Iterator[TextTokens]:
    """The tokens of each text, by ``encode_texts``."""
    return encode_texts(
        tokenizer,
        texts,
        offsets=offsets,
        begins=template.begins,
        split_special_tokens=template.split_special_tokens,
    )


def front_in(template: Template, tokenizer: Tokenizer) -> list[str]:
    """The special tokens that the tokenizer puts in front of a text; none where ``template`` writes them."""
    return front_of(tokenizer) if template.begins else []

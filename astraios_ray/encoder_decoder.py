"""Which models have an encoder that reads the prompt and a decoder that writes the answer, as T5 has."""

from typing import Any


def is_encoder_decoder(model: Any) -> bool:
    """Whether ``model``, of transformers or a wrapper of peft around one, is an encoder-decoder."""
    return bool(getattr(getattr(model, "config", None), "is_encoder_decoder", False))

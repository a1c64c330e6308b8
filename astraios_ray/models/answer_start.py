"""Which encoder-decoders begin each answer with their start token, as those do that a study trains."""

from typing import Any

import torch

from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError

RIGHT = "Expected a model that begins each answer with decoder_start_token_id, as T5, CodeT5 and BART do."


def refuse_other_starts(model: Any) -> None:
    """Raise ConfigError for an encoder-decoder that begins answers otherwise, or does not say how."""
    if not is_encoder_decoder(model):
        return
    kind = type(model).__name__
    if not hasattr(model, "prepare_decoder_input_ids_from_labels"):
        raise ConfigError(
            f"model.id: found no prepare_decoder_input_ids_from_labels in {kind}, which says what its "
            f"decoder reads of an answer. {RIGHT}"
        )
    if _begins_with_the_last_token(model):
        raise ConfigError(
            f"model.id: {kind} moves the last token of an answer, the code of its language, to the "
            f"beginning; the answers of a study have no such code. {RIGHT}"
        )


def _begins_with_the_last_token(model: Any) -> bool:
    other = {getattr(model.config, name, None) for name in ("decoder_start_token_id", "pad_token_id")}
    answer = [token for token in range(4) if token not in other][:2]
    try:
        read = model.prepare_decoder_input_ids_from_labels(torch.tensor([answer]))
    except (TypeError, ValueError):  # no start token is set, which is refused where texts are written
        return False
    return bool(read[0, 0] == answer[-1])

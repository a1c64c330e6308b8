"""Rows of an encoder-decoder as arguments of a pass: what the encoder reads, what the decoder writes."""

from typing import Any

import torch

from astraios_ray.data.packing import IGNORED
from astraios_ray.data.seq2seq import Widths
from astraios_ray.methods.tuned import Batch


def seq2seq_batch(batch: Batch, widths: Widths, base: Any) -> dict[str, torch.Tensor]:
    """``batch`` of rows, each a prompt and its labelled answer, as arguments of ``base``.

    ``input_ids`` and ``attention_mask`` are the prompts', ``labels`` the answers, padded to ``widths``, which
    are the same in every pass, so that a trial draws the same dropout whatever shares its pass. The decoder
    reads the labels behind its start token, as the model of transformers shifts them itself.
    """
    answers = batch["labels"] != IGNORED
    prompts = ((batch["attention_mask"] > 0) & ~answers)[:, : widths.prompt]
    places = prompts.sum(1, keepdim=True) + torch.arange(widths.answer)
    last = batch["labels"].shape[1] - 1
    labels = batch["labels"].gather(1, places.clamp(max=last)).masked_fill(places > last, IGNORED)
    device = batch["input_ids"].device
    return {
        "input_ids": batch["input_ids"][:, : widths.prompt],
        "attention_mask": prompts.long(),
        "decoder_input_ids": base.prepare_decoder_input_ids_from_labels(labels).to(device),
        "labels": labels,
    }

"""What a model of transformers itself computes: its loss, the tokens that it writes, its logits.

A decoder reads prompt and answer as one text. An encoder-decoder reads the prompt and writes the answer.
"""

from typing import Any

import torch
from torch.nn.utils.rnn import pad_sequence

from astraios_ray.data.packing import IGNORED
from astraios_ray.data.tokenise import Rows
from astraios_ray.encoder_decoder import is_encoder_decoder

END = 0  # of the models of tests/fakes/architectures.py


@torch.no_grad()
def loss_of(model: Any, rows: Rows) -> float:
    """The model's own ``loss`` of its own labels."""
    if not is_encoder_decoder(model):
        arguments = {"attention_mask": rows.attention_mask, "labels": rows.labels, "use_cache": False}
        return float(model(input_ids=rows.input_ids, **arguments).loss)
    learnt = rows.labels != IGNORED
    prompts = _texts(rows.input_ids, (rows.attention_mask > 0) & ~learnt)
    labels = pad_sequence(_texts(rows.input_ids, learnt), batch_first=True, padding_value=IGNORED)
    mask = pad_sequence([torch.ones_like(prompt) for prompt in prompts], batch_first=True)
    read = {"input_ids": pad_sequence(prompts, batch_first=True), "attention_mask": mask}
    return float(model(**read, labels=labels, use_cache=False).loss)


def _texts(ids: torch.Tensor, chosen: torch.Tensor) -> list[torch.Tensor]:
    """The chosen tokens of each row."""
    return [row[tokens] for row, tokens in zip(ids, chosen, strict=True)]


def tokens_of_generate(model: Any, prompt: torch.Tensor, count: int) -> list[int]:
    """What ``generate`` writes after a prompt, greedily."""
    tokens = model.generate(
        input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=count,
        use_cache=True, eos_token_id=END, pad_token_id=END,
    )  # fmt: skip
    start = 1 if is_encoder_decoder(model) else prompt.shape[1]
    written: list[int] = tokens[0, start:].tolist()
    return written


@torch.no_grad()
def tokens_of_calls(model: Any, prompt: torch.Tensor, count: int) -> list[int]:
    """The same by a call on the whole text for each token, for models that not every ``generate`` takes."""
    writes = is_encoder_decoder(model)
    ids = torch.full((1, 1), model.config.decoder_start_token_id) if writes else prompt
    front = ids.shape[1]
    for _ in range(count):
        read = {"input_ids": prompt, "decoder_input_ids": ids} if writes else {"input_ids": ids}
        token = model(**read, use_cache=False).logits[:, -1:].argmax(-1)
        if int(token) == END:
            break
        ids = torch.cat([ids, token], dim=1)
    written: list[int] = ids[0, front:].tolist()
    return written


@torch.no_grad()
def logits_of(model: Any) -> torch.Tensor:
    """The logits of two rows of ten tokens, which an encoder-decoder reads and writes."""
    ids = torch.arange(1, 21).view(2, 10)
    written = {"decoder_input_ids": ids} if is_encoder_decoder(model) else {}
    logits: torch.Tensor = model(input_ids=ids, attention_mask=torch.ones_like(ids), **written).logits
    return logits[:, -10:].clone()  # plain peft answers for virtual tokens too

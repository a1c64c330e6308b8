"""The tokens that a model reads before it writes: a prompt, and what an encoder's decoder begins with."""

from collections.abc import Iterable
from typing import Any

import torch

from astraios_ray.data.seq2seq import question_tokens
from astraios_ray.data.templates import Template, encode_in, question_of
from astraios_ray.data.text_tokens import TextTokens
from astraios_ray.encoder_decoder import is_encoder_decoder
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.batched_models import BatchedModels
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.methods.tuned import Batch


def positions_of(models: BatchedModels) -> int:
    """The number of positions of the models."""
    config = models.config.get_text_config(decoder=True)
    names = ("max_position_embeddings", "max_seq_len")  # MPT's is the latter
    positions = next((getattr(config, name) for name in names if hasattr(config, name)), None)
    return positions if isinstance(positions, int) else 1 << 30


def prompt_tokens(
    models: BatchedModels, tokenizer: Any, problem: Problem, template: Template, answer: str = ""
) -> tuple[TextTokens, list[int]]:
    """The tokens of a problem's prompt in ``template`` with ``answer`` behind it.

    An encoder-decoder reads the prompt, and its decoder begins with the second tokens: its start and what the
    answer begins with. Of a decoder the second are none. Raises DataError for a prompt without tokens.
    """
    question = question_of(problem.prompt)
    if is_encoder_decoder(models):
        prompt, written = question_tokens(question, tokenizer, template, answer)
        start = [_decoder_start(models), *written]
    else:
        (prompt,), start = encode_in(template, tokenizer, [template.asked(question, answer)]), []
    if not prompt.ids:
        raise DataError(f"problem {problem.id}: a prompt without tokens; the model takes one or more.")
    return prompt, start


def batches_of(
    texts: Iterable[tuple[int, list[int], list[int]]], models: BatchedModels, device: str | torch.device
) -> list[Batch]:
    """Arguments of each model for its ``texts``: a model's index, a prompt, and what a decoder begins with.

    All prompts are equally long, and so are all beginnings. A model may have no text.
    """
    by_owner: list[tuple[list[list[int]], list[list[int]]]] = [([], []) for _ in models.virtual_tokens]
    for owner, prompt, start in texts:
        by_owner[owner][0].append(prompt)
        by_owner[owner][1].append(start)
    names = ("input_ids", "decoder_input_ids") if is_encoder_decoder(models) else ("input_ids",)
    return [
        {
            name: torch.tensor(rows, dtype=torch.long, device=device)
            for name, rows in zip(names, parts, strict=False)
        }
        for parts in by_owner
    ]


def _decoder_start(models: BatchedModels) -> int:
    """The token with which the decoder begins, as in training."""
    for config in (models.config, models.generation_config):
        token = getattr(config, "decoder_start_token_id", None)
        if token is not None:
            return int(token)
    raise ConfigError(
        "model.id: an encoder-decoder without a decoder_start_token_id; its config.json has to name it, for "
        "T5 that of pad_token_id."
    )

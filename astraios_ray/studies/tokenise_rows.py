"""Tokenises the rows of a study on this machine, before its lanes ask for them."""

from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.text_tokens import end_of_text
from astraios_ray.data.token_files import Progress
from astraios_ray.models.load_base import load_tokenizer
from astraios_ray.studies.seq2seq_data import is_seq2seq
from astraios_ray.training.token_cache import token_cache


def tokenise_rows(study: StudyConfig, tokenizer: Any, progress: Progress) -> None:
    """Tokenise all training sets whose files are large. Without a ``tokenizer``, the model's is loaded."""
    cache, model = token_cache(), study.model
    large = [ref for ref in (search.data_ref() for search in study.searches()) if cache.worth_an_entry(ref)]
    if large and tokenizer is None:
        tokenizer = load_tokenizer(model.ref())
    seq2seq = bool(large) and is_seq2seq(study)
    for ref in large:
        cache.blocks(ref, tokenizer, end_of_text(tokenizer, model.id), progress, seq2seq=seq2seq)

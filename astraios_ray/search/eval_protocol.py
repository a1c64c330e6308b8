"""The eval protocol of a study. Only scores of the same protocol are compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import Sampling, encode

PROMPTS_BEGIN = "prompts_begin"


def sampling_of(evaluate: EvaluateConfig, seed: int) -> Sampling:
    """The sampling parameters of a study with this seed."""
    return Sampling(evaluate.samples, evaluate.temperature, evaluate.top_p, evaluate.max_new_tokens, seed)


def questions(evaluate: EvaluateConfig, seed: int, front: Sequence[str] = ()) -> dict[str, Any]:
    """The protocol that the journal records with each score. Scores with equal protocols are comparable.

    ``front`` are the special tokens in front of every prompt. Older journals, whose prompts had none, do
    not name them.
    """
    settings = {"sampling": encode(sampling_of(evaluate, seed)), "limit": evaluate.limit}
    return {**settings, **begins(front)}


def begins(front: Sequence[str]) -> dict[str, list[str]]:
    """The journal's entry for the special tokens in front of prompts; empty where there are none."""
    return {PROMPTS_BEGIN: list(front)} if front else {}


def answers(record: Mapping[str, Any], protocol: Mapping[str, Any], contents: Mapping[str, Any]) -> bool:
    """Whether the score in a journal ``record`` is of this ``protocol`` and of the present evaluators.

    ``contents`` are the evaluators' digests by task. They are compared where the record has some too; older
    journals have none.
    """
    contents_then, contents_now = record.get("contents"), contents.get(record["score"]["evaluator"])
    return record["asked"] == protocol and (
        None in (contents_then, contents_now) or contents_then == contents_now
    )

"""What a study asks the models that it scores. A score that answered something else is not compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import Sampling, encode

PROMPTS_BEGIN = "prompts_begin"


def sampling_of(evaluate: EvaluateConfig, seed: int) -> Sampling:
    """How completions are drawn in a study with this seed."""
    return Sampling(evaluate.samples, evaluate.temperature, evaluate.top_p, evaluate.max_new_tokens, seed)


def questions(evaluate: EvaluateConfig, seed: int, front: Sequence[str] = ()) -> dict[str, Any]:
    """What the journal notes beside each score: all that must be equal for two scores to be comparable.

    ``front`` are the special tokens in front of every prompt. Older journals, whose prompts had none, say
    nothing of them.
    """
    asked = {"sampling": encode(sampling_of(evaluate, seed)), "limit": evaluate.limit}
    return {**asked, **begins(front)}


def begins(front: Sequence[str]) -> dict[str, list[str]]:
    """How prompts begin, as records of answers note it: nothing where they begin with their own text."""
    return {PROMPTS_BEGIN: list(front)} if front else {}


def answers(scored: Mapping[str, Any], asked: Mapping[str, Any], contents: Mapping[str, Any]) -> bool:
    """Whether a ``scored`` record of the journal answers what is ``asked`` by the evaluators of now.

    ``contents`` are theirs by task. Where either side has none, as in older journals, they do not count.
    """
    then, now = scored.get("contents"), contents.get(scored["score"]["evaluator"])
    return scored["asked"] == asked and (None in (then, now) or then == now)

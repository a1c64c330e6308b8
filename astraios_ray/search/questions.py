"""What a study asks the models that it scores. A score that answered something else is not compared."""

from typing import Any

from astraios_ray.config.study import EvaluateConfig
from astraios_ray.records import Sampling, encode


def sampling_of(evaluate: EvaluateConfig, seed: int) -> Sampling:
    """How completions are drawn in a study with this seed."""
    return Sampling(evaluate.samples, evaluate.temperature, evaluate.top_p, evaluate.max_new_tokens, seed)


def questions(evaluate: EvaluateConfig, seed: int) -> dict[str, Any]:
    """What the journal notes beside each score: all that must be equal for two scores to be comparable."""
    return {"sampling": encode(sampling_of(evaluate, seed)), "limit": evaluate.limit}

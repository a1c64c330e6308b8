"""The steps of a study that says how many epochs a trial trains."""

import math

from astraios_ray.config.checks import contradictions
from astraios_ray.config.config_problems import refuse
from astraios_ray.config.study import StudyConfig
from astraios_ray.data.text_tokens import end_of_text
from astraios_ray.data.token_files import Progress
from astraios_ray.models.load_base import load_tokenizer
from astraios_ray.studies.seq2seq_data import is_seq2seq
from astraios_ray.training.token_cache import token_cache


def with_steps(study: StudyConfig, progress: Progress | None = None) -> StudyConfig:
    """The study with the ``max_steps`` that its ``epochs`` make, up to a validation.

    ``progress`` is called while its rows are tokenised. Raises ConfigError when the study has another number,
    or when its other keys do not fit to it.
    """
    training = study.training
    if training.epochs is None:
        return study
    tokenizer = load_tokenizer(study.model.ref())
    end = end_of_text(tokenizer, study.model.id)
    cache, seq2seq = token_cache(), is_seq2seq(study)
    rows = len(cache.blocks(study.data_ref(), tokenizer, end, progress, seq2seq=seq2seq).train)
    exact = math.ceil(training.epochs * rows / training.batch_size)
    steps = math.ceil(exact / training.validate_every) * training.validate_every
    if training.counted and training.max_steps != steps:
        text = f"{training.max_steps} are not the {steps} steps of {training.epochs:g} epochs; leave one out"
        refuse([study.problem(("training", "max_steps"), text)])
    counted = study.model_copy(update={"training": training.model_copy(update={"max_steps": steps})})
    refuse([counted.problem(paths[0], text) for paths, text in contradictions(counted)])
    return counted

"""The data section of a study whose model is an encoder-decoder: a sample a row, and its answer learnt."""

from astraios_ray.config.config_problems import Path, refuse
from astraios_ray.config.study import StudyConfig
from astraios_ray.models.load_base import model_config

RIGHT = {"packing": "rows", "loss_on": "completion"}
REASONS = {
    "packing": "an encoder-decoder reads one prompt at a time, and blocks join several",
    "loss_on": "an encoder-decoder reads the prompt and writes the answer alone",
}


def is_seq2seq(study: StudyConfig) -> bool:
    """Whether the model is an encoder-decoder. Raises ConfigError when its configuration cannot be read."""
    return bool(model_config(study.model.ref()).is_encoder_decoder)


def with_pairs(study: StudyConfig) -> StudyConfig:
    """``study`` with the packing and loss that its model needs, where the study file leaves them open.

    Raises ConfigError where the file says something else, or when the model's configuration cannot be read.
    """
    if not is_seq2seq(study):
        return study
    data = study.data
    wrong = [key for key, value in RIGHT.items() if getattr(data, key) != value]
    refuse(
        study.problem(_path(key), f"{REASONS[key]}; write {RIGHT[key]}, or leave it out")
        for key in wrong
        if key in data.model_fields_set
    )
    changed = {key: RIGHT[key] for key in wrong}
    return study.model_copy(update={"data": data.model_copy(update=changed)})


def _path(key: str) -> Path:
    return "data", key

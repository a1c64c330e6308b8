"""A study file and its space, checked against the methods that are there."""

import os
from pathlib import Path

from astraios_ray.config.overrides import Overrides
from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import ConfigError
from astraios_ray.search.grace import with_grace
from astraios_ray.space.space import Space, build_space
from astraios_ray.studies.environment import DATA_VARIABLE
from astraios_ray.studies.task_arguments import task_from_arguments


def read_study(path: Path | str, overrides: Overrides) -> tuple[StudyConfig, Space]:
    """The study in ``path`` (a file or a built-in name) and its space.

    Raises ConfigError with all mistakes of the file's form before any heavy import; then, with the methods
    imported, one with all that do not fit the methods. Tasks that say nothing of where their rows lie take
    them from the folder that ASTRAIOS_RAY_DATA names, if it is set. A dtype ``auto`` is that of this machine.
    """
    study = _with_data_root(load_study(path, overrides), os.environ.get(DATA_VARIABLE))
    from astraios_ray.methods import builder_beside, hyperparameters_of  # imports torch and peft
    from astraios_ray.studies.count_steps import with_steps
    from astraios_ray.studies.model_dtype import with_dtype

    study = with_grace(with_steps(_with_pairs(with_dtype(study))))
    return study, build_space(study, hyperparameters_of, builder_beside(study.model.quantization))


def _with_pairs(study: StudyConfig) -> StudyConfig:
    """The data as the model needs it; as they are where its configuration is not on this machine."""
    from astraios_ray.studies.seq2seq_data import is_seq2seq, with_pairs

    try:
        is_seq2seq(study)
    except ConfigError:
        return study
    return with_pairs(study)


def _with_data_root(study: StudyConfig, folder: str | None) -> StudyConfig:
    if not folder:
        return study
    tasks = tuple(str(task_from_arguments(task, (), None, Path(folder))) for task in study.evaluate.tasks)
    return study.model_copy(update={"evaluate": study.evaluate.model_copy(update={"tasks": tasks})})

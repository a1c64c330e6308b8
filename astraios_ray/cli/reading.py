"""A study file and its space, checked against the methods that are there."""

from collections.abc import Sequence

from astraios_ray.config.load import load_study
from astraios_ray.config.study import StudyConfig
from astraios_ray.space.space import Space, build_space


def read_study(path: str, overrides: Sequence[str]) -> tuple[StudyConfig, Space]:
    """The study in ``path`` (a file or a built-in name) and its space.

    Raises ConfigError with all mistakes of the file's form before any heavy import; then, with the methods
    imported, one with all that do not fit the methods.
    """
    study = load_study(path, overrides)
    from astraios_ray.methods import build, hyperparameters_of  # imports torch and peft

    return study, build_space(study, hyperparameters_of, build)

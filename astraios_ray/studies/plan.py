"""What a study would run, whether it fits and what it would take, without running it."""

from pathlib import Path
from typing import TYPE_CHECKING

from astraios_ray.config.overrides import Overrides
from astraios_ray.importing import swift_imports
from astraios_ray.studies.load_study import read_study

if TYPE_CHECKING:
    from astraios_ray.studies.study_plan import Plan


def plan(study: str | Path, overrides: Overrides = ()) -> "Plan":
    """The plan of a study: a file, or a built-in name like ``quickstart``. Loads no weights, uses no GPU.

    Raises ConfigError with all mistakes of the study. What cannot work on the model is in ``problems``.
    """
    with swift_imports():
        config, space = read_study(study, overrides)
        from astraios_ray.studies.study_plan import make_plan  # torch: a mistake in the study is told before
    return make_plan(config, space)

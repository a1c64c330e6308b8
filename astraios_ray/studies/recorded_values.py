"""Values that a study file leaves out, as the run folder of a study that goes on has them.

The defaults of these keys have changed. A study that goes on keeps those that it began with.
"""

from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import TornFile
from astraios_ray.records.old_names import recorded_study
from astraios_ray.search.recorded_study import read_study

KEYS = (
    ("search", "sampler"),
    ("search", "startup_per_method"),
    ("early_stop", "grace"),
    ("evaluate", "samples"),
)


def with_recorded_values(study: StudyConfig, folder: Path) -> StudyConfig:
    """``study`` with what its run ``folder`` records for those of ``KEYS`` that the study does not set."""
    values = _values_in(folder)
    for section, key in KEYS:
        model, before = getattr(study, section), values.get(section)
        if key not in model.model_fields_set and isinstance(before, dict) and key in before:
            study = study.model_copy(update={section: model.model_copy(update={key: before[key]})})
    return study


def _values_in(folder: Path) -> dict[str, Any]:
    """Nothing where no study is recorded. A damaged record is refused when its study is compared."""
    try:
        return recorded_study(read_study(folder))
    except (TornFile, ValueError, TypeError, AttributeError):
        return {}

"""Values that a study file leaves out, as the run folder of a study that goes on has them.

The defaults of these keys have changed. A study that goes on keeps those that it began with.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import TornFile
from astraios_ray.records.old_names import recorded_study
from astraios_ray.search.recorded_study import RecordedStudy

KEYS = (
    ("search", "sampler"),
    ("search", "startup_per_method"),
    ("early_stop", "grace"),
    ("evaluate", "samples"),
)


def recorded_sections(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The sections of the study that a run folder records, by name; none where it records no study.

    A damaged record has none either: it is refused when its study is compared.
    """
    try:
        study = recorded_study(RecordedStudy.of(folder).study)
    except (TornFile, ValueError, TypeError, AttributeError):
        return {}
    return {name: section for name, section in study.items() if isinstance(section, Mapping)}


def with_recorded_values(study: StudyConfig, recorded: Mapping[str, Mapping[str, Any]]) -> StudyConfig:
    """``study`` with what ``recorded`` sections have for those of ``KEYS`` that the study does not set."""
    for section, key in KEYS:
        model, before = getattr(study, section), recorded.get(section, {})
        if key not in model.model_fields_set and key in before:
            study = study.model_copy(update={section: model.model_copy(update={key: before[key]})})
    return study

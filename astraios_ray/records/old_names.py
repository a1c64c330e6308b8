"""Names and fields of version 0.1 in run folders and study files, and what they are now."""

from collections.abc import Mapping
from typing import Any

KEYS = {
    "places": "target_modules",
    "cohort": "bracket",
    "proposals": "suggestions",
    "stretch": "train_report",
    "parked": "paused",
}
WORDS = {"cohort": "bracket", "stretch": "train_report", "parked": "paused"}  # of a kind or a state
FREE = ("hyperparameters", "values", "score", "scores")  # names below them are chosen by others
STUDY_KEYS: Mapping[tuple[str | int, ...], str] = {
    ("model", "places"): "target_modules",
    ("search", "cohort"): "bracket",
}
ADDED_KEYS: Mapping[str, Mapping[str, Any]] = {
    "data": {"template": "astraios", "system": None, "fim_rate": 0.5, "strict": False},
    "training": {"epochs": None},
}
"""Keys that studies of version 0.1 have not, with the values that mean what those studies did."""

REPEATS_FROM = 10_000  # in version 0.1 the repeats of trial 7 were the trials 10007, 20007, ...


def with_repeat_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a repeat's spec, with the trial that it repeats: once its number alone said it."""
    return {"repeat_of": f"t{spec['number'] % REPEATS_FROM:04d}", **spec}


def with_new_names(value: Any) -> Any:
    """Plain values of a run folder, with old keys, kinds of records and states under their new names.

    What lies below a key of ``FREE`` stays as it is.
    """
    if isinstance(value, Mapping):
        return {KEYS.get(key, key): _renamed(key, part) for key, part in value.items()}
    return [with_new_names(part) for part in value] if isinstance(value, list) else value


def study_with_new_names(study: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a study file, with old keys under their new names where these are free."""
    renamed = dict(study)
    for (section, old), new in STUDY_KEYS.items():
        inside = renamed.get(str(section))
        if isinstance(inside, Mapping) and new not in inside:
            renamed[str(section)] = {new if key == old else key: part for key, part in inside.items()}
    return renamed


def study_with_added_keys(study: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a study of a run folder, with the keys of ``ADDED_KEYS`` that it lacks."""
    added = {
        section: {**keys, **study[section]}
        for section, keys in ADDED_KEYS.items()
        if isinstance(study.get(section), Mapping)
    }
    return {**study, **added}


def without_added_keys(section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a section without keys that version 0.1 had not, where they mean what it did."""
    added = ADDED_KEYS[section]
    return {key: value for key, value in values.items() if key not in added or value != added[key]}


def _renamed(key: str, value: Any) -> Any:
    if key in FREE:
        return value
    is_word = key in ("kind", "state") and isinstance(value, str)
    return WORDS.get(value, value) if is_word else with_new_names(value)

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
NEW_FIELDS: Mapping[str, Mapping[str, Any]] = {  # of a trial, and the values that mean what version 0.1 did
    "data": {
        "isolate_documents": False,
        "template": "astraios",
        "system": None,
        "fim_rate": 0.5,
        "strict": False,
    },
    "recipe": {"optimizer": "adamw"},
}
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


def recorded_study(study: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a study in a run folder, with new names, and with those that held without a key."""
    renamed = study_with_new_names(study)
    isolated = dict(renamed.get("data") or {}).get("packing") == "rows"  # whatever the key says
    data = {**NEW_FIELDS["data"], "isolate_documents": isolated}
    before = {"data": data, "training": {**NEW_FIELDS["recipe"], "epochs": None}}
    present = {key: {**fields, **renamed[key]} for key, fields in before.items() if key in renamed}
    return {"sandbox": {"python": "default"}, **renamed, **present}


def without_new_fields(trial: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of a trial without the fields that have the values of version 0.1."""
    before = {key: dict(part) if key in NEW_FIELDS else part for key, part in trial.items()}
    for section, fields in NEW_FIELDS.items():
        for name, value in fields.items():
            if before[section].get(name) == value:
                del before[section][name]
    return before


def _renamed(key: str, value: Any) -> Any:
    if key in FREE:
        return value
    is_word = key in ("kind", "state") and isinstance(value, str)
    return WORDS.get(value, value) if is_word else with_new_names(value)

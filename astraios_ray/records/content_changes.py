"""What differs between two records of contents: digests and commits of models, rows and evaluators."""

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 16  # digits of a digest or commit in a message


def content_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """A line for each content that is another, in the sections that both have."""
    both = before.keys() & after.keys()
    old, new = (dict(_digests({key: side[key] for key in both})) for side in (before, after))
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return "\n".join(
        f"  {name}: the content was {old.get(name, 'none')[:SHOWN]}, is {new.get(name, 'none')[:SHOWN]}"
        for name in names
    )


def _digests(contents: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every digest with the keys that lead to it, joined by dots."""
    for key, value in contents.items():
        if isinstance(value, Mapping):
            yield from _digests(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)

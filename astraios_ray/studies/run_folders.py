"""Which run folder is meant by a path or by a study's name."""

from collections.abc import Iterator
from pathlib import Path

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError

RUNS = Path("runs")  # where studies are kept unless they say otherwise
MARKS = ("journal.jsonl", "resolved.yaml")  # a search writes at least one of them


def find_run(name_or_path: str) -> Path:
    """The run folder at a path, or of the study of this name below ``./runs``.

    Raises ConfigError with the nearest run folder and the list of those that are there.
    """
    given = Path(name_or_path).expanduser()
    places = [given] if "/" in name_or_path else [given, RUNS / name_or_path]
    found = next((place for place in places if is_run(place)), None)
    if found is None:
        raise ConfigError(_explain(given))
    return found


def _explain(given: Path) -> str:
    beside = {str(folder): folder.name for parent in (RUNS, given.parent) for folder in _runs_in(parent)}
    what = f"holds no study ({' and '.join(MARKS)} are missing)" if given.is_dir() else "no such run folder"
    if not beside:
        return f"{given}: {what}; there is none in {RUNS} either. `astraios-ray search quickstart` makes one."
    hint = near(given.name.removesuffix(".yaml"), beside.values()) or near(given, beside)
    return f"{given}: {what}{hint}; there are {', '.join(beside)}"


def _runs_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if is_run(path))


def is_run(folder: Path) -> bool:
    """Whether a search has written something there."""
    return any((folder / mark).is_file() for mark in MARKS)

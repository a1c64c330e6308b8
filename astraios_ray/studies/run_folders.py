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
    path = Path(name_or_path).expanduser()
    candidates = [path] if "/" in name_or_path else [path, RUNS / name_or_path]
    match = next((candidate for candidate in candidates if is_run(candidate)), None)
    if match is None:
        raise ConfigError(_explain(path))
    return match


def _explain(path: Path) -> str:
    beside = {str(folder): folder.name for parent in (RUNS, path.parent) for folder in _runs_in(parent)}
    reason = f"holds no study ({' and '.join(MARKS)} are missing)" if path.is_dir() else "no such run folder"
    if not beside:
        return (
            f"{path}: {reason}; there is none in {RUNS} either. `astraios-ray search quickstart` makes one."
        )
    hint = near(path.name.removesuffix(".yaml"), beside.values()) or near(path, beside)
    return f"{path}: {reason}{hint}; there are {', '.join(beside)}"


def _runs_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if is_run(path))


def is_run(folder: Path) -> bool:
    """Whether a search has written something there."""
    return any((folder / mark).is_file() for mark in MARKS)

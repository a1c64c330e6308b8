"""Records of a dataset on the Hugging Face hub, at a pinned revision."""

import re
from collections.abc import Iterator

from astraios_ray.errors import ConfigError, DataError

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(:\w+)?")


def hub_records(source: str, revision: str | None) -> Iterator[tuple[str, object]]:
    """The records of ``owner/name`` or ``owner/name:split`` (default: train), with their places.

    Raises ConfigError without a revision or without the datasets package, DataError when it cannot be read.
    """
    name, _, split = source.partition(":")
    if not revision:
        raise ConfigError(
            f"data.revision: the hub dataset {name!r} needs one, so that every run reads the same rows; "
            "give its commit (40 hexadecimal digits)."
        )
    try:
        import datasets  # type: ignore[import-untyped, unused-ignore]  # only here: no other source needs it
    except ImportError as error:
        raise ConfigError(
            f"data: reading {name!r} from the hub needs the package `datasets`: pip install datasets. "
            "Or download it and give a .jsonl, .jsonl.gz or .parquet file."
        ) from error
    try:
        rows = datasets.load_dataset(name, revision=revision, split=split or "train")
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise DataError(
            f"{name}: could not be read from the hub at revision {revision!r} ({_line(error)}). "
            "Check id, split and network, or give a local .jsonl, .jsonl.gz or .parquet file."
        ) from error
    return ((f"{source}:{number}", row) for number, row in enumerate(rows, start=1))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]

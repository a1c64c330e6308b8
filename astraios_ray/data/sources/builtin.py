"""The rows that are built in."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from astraios_ray import embedded
from astraios_ray.data.row_shapes.commits import COLUMNS
from astraios_ray.data.sources.source_kind import SourceKind
from astraios_ray.embedded.primer_rows import primer_rows
from astraios_ray.embedded.simscood_rows import simscood_rows
from astraios_ray.errors import ConfigError
from astraios_ray.records import SourceRef

PREFIX = "builtin:"
BUILTIN = {"primer": (primer_rows, COLUMNS), "simscood": (simscood_rows, ("prompt", "completion"))}


def _records(source: SourceRef) -> Iterator[tuple[str, object]]:
    name = source.source.removeprefix(PREFIX)
    if name not in BUILTIN:
        names = ", ".join(f"{PREFIX}{name}" for name in BUILTIN)
        raise ConfigError(f"data: nothing is built in as {source.source!r}. Known: {names}.")
    make, columns = BUILTIN[name]
    rows: Iterable[object] = make()
    return (
        (f"{source.source}:{number}", {column: getattr(row, column) for column in columns})
        for number, row in enumerate(rows, start=1)
    )


def _files(source: SourceRef) -> list[Path]:
    return sorted(Path(str(embedded.__file__)).parent.rglob("*.py"))


KIND = SourceKind(lambda name: name.startswith(PREFIX), _records, _files)

"""Read perturbed problems from ReCode's released sets or from a file of ``astraios-ray perturb``."""

import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from astraios_ray.errors import DataError
from astraios_ray.evaluation.row_source import read_texts
from astraios_ray.tasks.perturbations import CATEGORIES
from astraios_ray.tasks.perturbations.row import CodeRow

KEYS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")
_RELEASED = re.compile(r"humaneval_(\w+)_s(\d+)\.jsonl(?:\.gz)?")
_ID = re.compile(rf"({'|'.join(CATEGORIES)})/(\w+)/(\d+)/(.+)", re.DOTALL)


@dataclass(frozen=True)
class Perturbed:
    """One row after one transformation with one seed; ``verified`` when its reference passed its test."""

    category: str
    transformation: str
    seed: int
    row: CodeRow
    verified: bool

    @property
    def id(self) -> str:
        """The id, such as ``format/tab_indent/0/HumanEval/3``."""
        return f"{self.category}/{self.transformation}/{self.seed}/{self.row.task_id}"

    def as_json(self) -> dict[str, str]:
        """The row as it is written to a file; its id names the transformation."""
        return {"id": self.id, **asdict(self.row)}


def read_rows(path: Path) -> list[CodeRow]:
    """The rows of a file in HumanEval's format. Raises DataError with all bad rows."""
    return [_row(texts) for texts in read_texts(path, KEYS, "task_id")]


def read_perturbed(path: Path, category: str) -> list[Perturbed]:
    """The rows of one category, from a JSONL file or from ReCode's files in a folder or a tar archive.

    ReCode's files are read in the order of their names, as Astraios' generations are ordered. Raises
    DataError with all bad rows, or when no row is of this category.
    """
    if path.name.endswith((".tar.gz", ".tgz", ".tar")):
        return _from_archive(path, category)
    rows = list(_released(path, category) if path.is_dir() else _from_file(path))
    matches = [row for row in rows if row.category == category]
    if not matches:
        categories = sorted({row.category for row in rows})
        content = f"has {categories}" if categories else "no row"
        raise DataError(f"{path}: holds no perturbed row of {category}; {content}.")
    return matches


def _from_file(path: Path) -> Iterator[Perturbed]:
    for texts in read_texts(path, ("id", *KEYS), "id"):
        match = _ID.fullmatch(texts["id"])
        if not match or match[4] != texts["task_id"]:
            raise DataError(
                f"{path}: id {texts['id']!r}: expected CATEGORY/TRANSFORMATION/SEED/task_id with one of "
                f"{', '.join(CATEGORIES)}."
            )
        yield Perturbed(match[1], match[2], int(match[3]), _row(texts), verified=True)


def _released(folder: Path, category: str) -> Iterator[Perturbed]:
    for path in sorted(folder.rglob("*.jsonl*")):
        match = _RELEASED.fullmatch(path.name)
        if match:
            for row in read_rows(path):
                yield Perturbed(category, match[1], int(match[2]), row, verified=False)


def _from_archive(path: Path, category: str) -> list[Perturbed]:
    try:
        with TemporaryDirectory() as folder, tarfile.open(path) as archive:
            _unpack(archive, path, Path(folder))
            return read_perturbed(Path(folder), category)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}.") from error


def _unpack(archive: tarfile.TarFile, path: Path, folder: Path) -> None:
    """Write ReCode's files in the order of their names; no name or link of the archive leaves ``folder``.

    ``extractall`` does not fit: its ``filter`` came with Python 3.11.4.
    """
    members = {PurePosixPath(member.name): member for member in archive}
    names = sorted(name for name in members if _RELEASED.fullmatch(name.name))
    for number, name in enumerate(names):
        content = archive.extractfile(members[name]) if members[name].isfile() else None
        if content is None:
            raise DataError(f"{path}: {name} is a link or a folder, expected a file.")
        target = folder / f"{number:04}" / name.name
        target.parent.mkdir()
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _row(texts: dict[str, str]) -> CodeRow:
    return CodeRow(*(texts[key] for key in KEYS))

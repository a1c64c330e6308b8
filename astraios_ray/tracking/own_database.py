"""MLflow's database in a run folder: there is a whole one or none, and a damaged one is set aside.

MLflow creates its tables step by step, and never opens a database that was left between two steps.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from astraios_ray.tracking.damaged_files import damaged_name

log = logging.getLogger(__name__)

IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
UNFINISHED = ".mlflow-database-"  # begins the name of a folder in which a database is made
COMPANIONS = ("", "-journal", "-wal", "-shm")  # SQLite applies one that lies beside another database too


def provide_database(path: Path, make: Callable[[Path], object]) -> None:
    """Create the database by ``make``, or replace a damaged one, whose content stays under another name."""
    if path.exists() and not _is_whole(path):
        aside = _set_aside(path)
        log.warning("%s is damaged and now is %s. The study is sent to a new database.", path, aside.name)
    for folder in path.parent.glob(f"{UNFINISHED}*"):  # of a process that was killed
        shutil.rmtree(folder, ignore_errors=True)
    if not path.exists():
        _create(path, make)


def _is_whole(path: Path) -> bool:
    """Whether SQLite finds no damage and MLflow has finished its tables. Raises sqlite3.Error."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as database:
            checked = database.execute("PRAGMA quick_check(1)").fetchone()
            finished = database.execute("SELECT count(*) FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        code = error.sqlite_errorcode & 0xFF  # without the detail in the higher bits
        if code in IN_USE:
            return True
        if code in DAMAGED:
            return False
        raise
    return bool(checked == ("ok",) and finished == (1,))


def _set_aside(path: Path) -> Path:
    new_name = damaged_name(path)
    for ending in COMPANIONS:
        file = path.with_name(path.name + ending)
        if file.exists():
            file.rename(new_name.with_name(new_name.name + ending))
    return new_name


def _create(path: Path, make: Callable[[Path], object]) -> None:
    """Make the database in a folder, copy it within, and move the copy to ``path``.

    The copy is complete, and MLflow, which keeps its connections, has none to it.
    """
    with TemporaryDirectory(prefix=UNFINISHED, dir=path.parent) as folder:
        made, copy = Path(folder) / "made", Path(folder) / "copy"
        make(made)
        with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        copy.replace(path)

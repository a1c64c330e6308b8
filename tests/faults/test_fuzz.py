"""Study files and files of rows with mistakes of all kinds: each is read, or refused by its name, in time.

``make test`` takes a part of the cases; ASTRAIOS_RAY_FAULT_TESTS=1 all of them.
"""

import os
import re
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from astraios_ray.data.row_reader import read_rows
from astraios_ray.errors import AstraiosError
from astraios_ray.models.load_base import BUILTIN
from astraios_ray.records import DataRef
from astraios_ray.studies.load_study import read_study
from astraios_ray.studies.study_plan import make_plan
from tests.faults.row_mutations import mutated_files, odd_paths
from tests.faults.study_mutations import mutated_studies

ALL = bool(os.environ.get("ASTRAIOS_RAY_FAULT_TESTS"))
SEED = 17
EVERY = 1 if ALL else 25  # of the cases
SECONDS = 5  # of CPU time that a case may take
ENDLESS = 120  # seconds, also on a machine that does much else
MEMORY = 1 << 20  # KiB that a case may add to the most so far
ODD_PATHS = 9
STUDIES, FILES = mutated_studies(SEED), mutated_files(SEED)
CASES = {
    "A study file has mistakes": len(STUDIES) + ODD_PATHS,
    "A file of rows is damaged": len(FILES) + ODD_PATHS,
}


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@contextmanager
def bounded() -> Iterator[None]:
    """Raise AssertionError behind a case that took too much, TimeoutError in one that does not end."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before, began = peak(), time.process_time()
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(ENDLESS)
    try:
        yield
    finally:
        signal.alarm(0)
    assert time.process_time() - began < SECONDS, f"{time.process_time() - began:.1f} s"
    assert peak() - before < MEMORY, f"{(peak() - before) >> 10} MiB"


def mistake(read: Callable[[], object], names: str) -> str:
    """What is wrong with how a file is read or refused; empty where nothing is."""
    try:
        with bounded():
            read()
    except AstraiosError as error:
        return "" if names in str(error) else f"no place: {error}"
    except (Exception, RecursionError) as error:
        return f"{type(error).__name__}: {error} {traceback.extract_tb(error.__traceback__)[-1]}"[:400]
    return ""


def planned(path: Path) -> None:
    """Read the study; plan it where it is accepted and its model is on every machine."""
    study, space = read_study(path, ())
    try:
        if study.model.id.startswith(BUILTIN):
            make_plan(study, space)
    except AstraiosError as error:
        assert str(error).strip()


def test_a_study_file_is_planned_or_refused_by_its_name(tmp_path: Path) -> None:
    mistakes = []
    for number, (name, content) in list(enumerate(STUDIES))[::EVERY]:
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(content)
        if wrong := mistake(partial(planned, path), path.name):
            mistakes.append(f"{name} ({path}): {wrong}")
    assert not mistakes, "\n".join(mistakes)


def test_a_file_of_rows_is_read_or_refused_by_its_name(tmp_path: Path) -> None:
    mistakes = []
    for number, (name, end, content) in list(enumerate(FILES))[::EVERY]:
        path = tmp_path / f"{number}{end}"
        path.write_bytes(content)
        if wrong := mistake(partial(read_whole, path, name), path.name):
            mistakes.append(f"{name}: {wrong}")
        path.unlink()
    assert not mistakes, "\n".join(mistakes)


def read_whole(path: Path, name: str) -> None:
    """Read the rows; a file that was cut and has no lines of text must not be read."""
    rows = read_rows(DataRef(str(path)))
    assert " cut at " not in name or name.startswith((".jsonl cut", ".csv cut")), f"{len(rows)} rows are read"


@pytest.mark.parametrize("read", [planned, lambda path: read_rows(DataRef(str(path)))], ids=["study", "rows"])
def test_a_path_that_is_no_file_is_refused(read: Callable[[Path], object], tmp_path: Path) -> None:
    paths = odd_paths(tmp_path)
    assert len(paths) == ODD_PATHS
    for path in paths:
        with pytest.raises(AstraiosError, match=re.escape(path.name[:50])), bounded():
            read(path)

"""Importing torch and what builds on it: what is left out, and that garbage is collected again afterwards."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from astraios_ray.importing import swift_imports

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_garbage_waits_while_modules_are_imported() -> None:
    with swift_imports():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_collected_again_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), swift_imports():
        raise ImportError("no such module")
    assert gc.isenabled()


def test_who_does_not_collect_is_left_alone() -> None:
    gc.disable()
    with swift_imports():
        pass
    assert not gc.isenabled()


def test_what_was_made_inside_is_not_looked_through_again() -> None:
    gc.unfreeze()
    with swift_imports():
        kept = [[] for _ in range(1000)]  # type: ignore[var-annotated]
    assert gc.get_freeze_count() >= len(kept)


def test_a_lane_imports_neither_torchs_compilers_nor_statistics() -> None:
    code = (
        "import sys\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['schema'])\n"
        "except SystemExit: pass\n"
        "import astraios_ray.on_ray.lane_worker\n"
        "print()\n"
        "print({'torch._inductor.compile_fx', 'scipy.stats'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"

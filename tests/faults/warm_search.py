"""Searches that begin in a tenth of the time: a process that has imported everything forks for each.

A pytest process has one such process, whose imports are those of the first call: all tests here share them.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "astraios_ray.cli.search",
        "astraios_ray.studies.session",
        "astraios_ray.search.local_backend",
        "astraios_ray.on_ray.ray_backend",
        "mlflow.tracking",
        "transformers.models.gpt_bigcode",
        "tests.faults.warm",
    ]
)


def begin(folder: Path, run: Callable[..., None], *arguments: object) -> ForkServerProcess:
    """Call ``run`` in a new process in ``folder``; what it prints is added to ``log`` there."""
    process = FORKS.Process(target=_run_in, args=(folder, run, arguments))
    process.start()
    return process


def begin_search(words: Sequence[str], folder: Path, temporary: Path) -> ForkServerProcess:
    """``astraios-ray search words`` in ``folder``, in a session of its own."""
    return begin(folder, _search, list(words), temporary)


def _run_in(folder: Path, run: Callable[..., None], arguments: Sequence[object]) -> None:
    os.chdir(folder)
    log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    run(*arguments)


def _search(words: list[str], temporary: Path) -> None:
    from astraios_ray.cli.main import main

    os.setsid()
    os.environ["TMPDIR"], tempfile.tempdir = str(temporary), None
    main(["search", *words])

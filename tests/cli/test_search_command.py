"""``search``: mistakes that are refused before anything is started."""

import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import ray

from astraios_ray.cli.main import main
from astraios_ray.on_ray import cluster

ROOT = Path(__file__).parents[2]
HERE = ("quickstart", "--backend", "local")  # what is found when Ray is on its way already; see the last test


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty folder; afterwards logging and the handling of signals are as before."""
    monkeypatch.chdir(tmp_path)
    logger, on_termination = logging.getLogger("astraios_ray"), signal.getsignal(signal.SIGTERM)
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
    signal.signal(signal.SIGTERM, on_termination)


def refused(args: Sequence[str], capsys: pytest.CaptureFixture[str], code: int = 2) -> str:
    """What is said on stderr by a search that exits with ``code`` and leaves nothing behind."""
    with pytest.raises(SystemExit) as ending:
        main(["search", *args])
    assert ending.value.code == code
    assert not list(Path.cwd().iterdir())
    output = capsys.readouterr()
    assert output.out == ""
    return output.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param([], "Missing argument 'STUDY'", id="no study"),
        pytest.param(["quickstrat"], "did you mean 'quickstart'?", id="unknown name"),
        pytest.param(["./mine.yaml"], "no such file", id="missing file"),
        pytest.param(["quickstart", "--backend", "slurm"], "'ray', 'local'", id="unknown backend"),
        pytest.param(["quickstart", "--frehs"], "--fresh", id="unknown flag"),
        pytest.param(["quickstart", "--set", "budget.trials"], "--set", id="override without a value"),
        pytest.param(["quickstart", "--set", "budget.trails=9"], "did you mean 'trials'?", id="unknown key"),
        pytest.param([*HERE, "--set", "methods.lroa={}"], "Did you mean 'lora'?", id="unknown method"),
        pytest.param(["quickstart", "--set", "model.id=./no-such-folder"], "no-such-folder", id="no model"),
        pytest.param(["quickstart", "--set", "data.train=rows.jsonl"], "rows.jsonl", id="missing data"),
    ],
)
def test_a_mistake_exits_with_2_and_says_what_would_be_right(
    args: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(args, capsys)


def test_all_mistakes_of_the_flags_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["budget.trials=0", "search.sampler=bayes", "training.learning_rate=1e-4"]
    message = refused(["quickstart", *(part for flag in flags for part in ("--set", flag))], capsys)
    assert all(path in message for path in ("budget.trials", "search.sampler", "training.learning_rate"))
    assert "1.0e-4" in message


def test_a_mistake_in_a_flag_is_refused_before_ray_and_mlflow_are_imported() -> None:
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['search', 'quickstart', '--set', 'budget.trails=9'])\n"
        "except SystemExit as end: assert end.code == 2\n"
        "print({'ray', 'mlflow'} & set(sys.modules))\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "set()\n"


def test_an_address_where_no_cluster_answers_is_refused_before_ray_is_joined(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def join(**_: object) -> None:
        raise AssertionError("Ray would try this address for 15 minutes.")

    monkeypatch.setattr(ray, "init", join)
    with socket.socket() as free:  # nobody listens at its port
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        message = refused(["quickstart", "--address", address], capsys, code=1)
    assert f"No Ray cluster could be joined at {address}: nothing answers there" in message


@pytest.mark.ray
@pytest.mark.slow
def test_a_mistake_that_is_found_while_ray_runs_ends_it_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    started: list[str | None] = []
    start = cluster.start

    def noted(address: str | None, **sizes: int) -> Mapping[str, object]:
        started.append(address)
        return start(address, **sizes)

    monkeypatch.setattr(cluster, "start", noted)
    assert "Did you mean 'lora'?" in refused(["quickstart", "--set", "methods.lroa={}"], capsys)
    assert started == [None]  # else this would say nothing of Ray
    assert not ray.is_initialized()
    assert not list(Path(tempfile.gettempdir()).glob(f"{cluster.PREFIX}{os.getpid()}-*"))

"""``search`` in a folder that holds a study: it goes on with the same contents and with no others."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.errors import StudyChanged
from astraios_ray.search.journal import read_journal
from tests.fakes.backends import write_model, write_rows
from tests.fakes.echo import ROWS, write_echo
from tests.fakes.hub import cached
from tests.fakes.old_folders import forget_contents
from tests.fakes.rewriting import copy_again, flip_a_bit, rename_a_token, train_anew

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The handling of signals is as before afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def write_study(place: Path) -> None:
    evaluator, rows = write_echo(place)
    raw = {
        "name": "small",
        "model": {"id": str(place / "model")},
        "data": {
            "train": str(write_rows(place / "train.jsonl")),
            "validation": str(write_rows(place / "validation.jsonl", 8)),
            "sequence_length": 48,
            "packing": "rows",
        },
        "training": {"max_steps": 1, "validate_every": 1, "warmup_steps": 0, "batch_size": 2},
        "budget": {"trials": 1},
        "early_stop": {"rule": "none"},
        "methods": {"ia3": {"learning_rate": 1e-3}},
        "evaluate": {"tasks": [f"{evaluator}?data={rows}"], "samples": 1, "max_new_tokens": 2},
        "tracking": {"mlflow": False},
        "output": str(place / "runs"),
    }
    (place / "study.yaml").write_text(yaml.safe_dump(raw))


def search(place: Path, *options: str) -> str:
    """What is said on stderr by a search that ends well."""
    args = ["search", str(place / "study.yaml"), "--backend", "local", "--json", *options]
    result = CliRunner().invoke(cli, args, standalone_mode=False)
    if result.exception:
        raise result.exception
    assert json.loads(result.stdout)["complete"] is True
    return result.stderr


def scored(place: Path) -> int:
    return sum(r["kind"] == "scored" for r in read_journal(place / "runs" / "small" / "journal.jsonl"))


@pytest.fixture(scope="module")
def finished_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a study ran to its end."""
    place = tmp_path_factory.mktemp("study")
    write_model(place / "model")
    write_study(place)
    search(place)
    assert scored(place) == 2
    return place


@pytest.fixture
def place(finished_study: Path) -> Iterator[Path]:
    """The same folder; afterwards it is as before."""
    shutil.copytree(finished_study, finished_study.with_name("before"))
    yield finished_study
    shutil.rmtree(finished_study)
    finished_study.with_name("before").rename(finished_study)


def edit(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda place: train_anew(place / "model"), "model.weights"),
        (lambda place: flip_a_bit(place / "model" / "model.safetensors"), "model.weights"),
        (lambda place: rename_a_token(place / "model"), "model.tokenizer"),
        (lambda place: edit(place / "train.jsonl", "adds 7", "adds seven"), "data.train"),
        (lambda place: edit(place / "validation.jsonl", "adds 7", "adds seven"), "data.validation"),
        (lambda place: edit(place / "echo.jsonl", "def two", "def three"), "evaluate.echo.rows"),
        (lambda place: edit(place / "echo.py", "Repeats", "Says again"), "evaluate.echo.evaluator"),
    ],
    ids=["trained anew", "a bit in the middle", "tokenizer", "rows", "validation", "problems", "evaluator"],
)
def test_a_study_whose_contents_changed_is_refused_with_what_changed(
    change: Callable[[Path], object], name: str, place: Path
) -> None:
    files = sorted((place / "runs").rglob("*"))
    change(place)
    with pytest.raises(StudyChanged, match="--fresh") as refused:
        search(place)
    lines = [line.split(":")[0] for line in str(refused.value).splitlines() if line.startswith("  ")]
    assert lines == [f"  {name}"]
    assert sorted((place / "runs").rglob("*")) == files


def test_fresh_starts_anew_with_what_is_there(place: Path) -> None:
    train_anew(place / "model")
    assert "is now in" in search(place, "--fresh")
    assert len(list((place / "runs").iterdir())) == 2
    search(place)


def test_the_same_contents_in_new_files_go_on(place: Path) -> None:
    copy_again(place / "model")
    (place / "echo.jsonl").write_text(ROWS)
    assert "cannot be compared" not in search(place)
    assert scored(place) == 2


def test_extend_asks_another_evaluator_anew(place: Path) -> None:
    edit(place / "echo.jsonl", "def two", "def three")
    search(place, "--extend")
    assert scored(place) == 4
    search(place)
    assert scored(place) == 4


def test_a_study_of_an_older_version_goes_on_with_one_warning(place: Path) -> None:
    forget_contents(place / "runs" / "small")
    train_anew(place / "model")
    assert search(place).count("cannot be compared") == 1
    assert scored(place) == 2
    assert "cannot be compared" not in search(place)
    write_model(place / "model")
    with pytest.raises(StudyChanged, match=r"model\.weights"):
        search(place)


def test_a_branch_of_the_hub_that_moved_is_refused(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = cached(place / "model", tmp_path, monkeypatch)
    edit(place / "study.yaml", f"id: {place / 'model'}", "id: some/model\n  revision: main")
    search(place, "--fresh")
    commits = tmp_path / "models--some--model" / "snapshots"
    shutil.copytree(commits / commit, commits / ("f" * 40))
    (commits.parent / "refs" / "main").write_text("f" * 40)
    with pytest.raises(StudyChanged, match=f"model.commit: the content was {commit[:16]}, is {'f' * 16}"):
        search(place)

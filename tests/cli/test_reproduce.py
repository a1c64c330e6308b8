"""``reproduce``: trials of a small study that was really run, run again."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import ConfigError, StudyChanged
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.records import Score, StudyRecord, TrialState, encode
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import Journal, read_journal
from astraios_ray.search.local_backend import LocalBackend
from tests.fakes.backends import conduct, contents_now, tiny_study, write_model, write_rows
from tests.fakes.rewriting import flip_a_bit

METHODS: dict[str, Any] = {"full": {}, "lora": {"r": 4, "dropout": 0.1}}


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, sandbox: Bubblewrap) -> tuple[Path, StudyRecord]:
    """The folder of runs, and the study ``tiny``: four trials, the finalists scored on three problems."""
    place = tmp_path_factory.mktemp("made")
    evaluate = {"tasks": ["primer"], "top": 1, "per_method": 0, "samples": 2, "max_new_tokens": 6, "limit": 3}
    study = tiny_study(
        write_model(place / "model"),
        write_rows(place / "rows.jsonl"),
        methods=METHODS,
        budget={"trials": 4},
        evaluate=evaluate,
    )
    folder = StudyFolder(place / "runs" / "tiny")
    folder.adopt(study.resolved(), contents_now(study), extend=False)
    return place, conduct(study, folder, LocalBackend(folder.trials, slots=2, sandbox=sandbox))


@pytest.fixture(autouse=True)
def _inside(tiny_run: tuple[Path, StudyRecord], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_run[0])


def again(trial: str, *args: str) -> Result:
    return CliRunner().invoke(cli, ["reproduce", "tiny", trial, *args], standalone_mode=False)


def finalist(record: StudyRecord) -> str:
    return next(result.spec.id for result in record.results if result.scores)


def test_a_scored_trial_comes_out_the_same(tiny_run: tuple[Path, StudyRecord]) -> None:
    before = sorted(Path("runs/tiny").rglob("*"))
    outcome = again(finalist(tiny_run[1]), "--json", "--device", "cpu")
    comparison = json.loads(outcome.stdout)
    assert outcome.return_value == 0
    assert (comparison["match"], comparison["furthest"]) == ("the same", 0.0)
    assert [entry["step"] for entry in comparison["losses"]] == [3, 6, 9]
    assert {entry["task"] for entry in comparison["scores"]} == {"primer"}
    assert all(entry["match"] == "the same" for entry in comparison["scores"])
    assert sorted(Path("runs/tiny").rglob("*")) == before


def test_a_trial_that_was_stopped_is_trained_as_far_as_it_got(tiny_run: tuple[Path, StudyRecord]) -> None:
    stopped = next(r for r in tiny_run[1].results if r.state is TrialState.STOPPED)
    outcome = again(stopped.spec.label, "--device", "cpu")
    assert outcome.return_value == 0
    assert "comes out the same, to the last bit" in outcome.stdout
    assert f"all of {len(stopped.points)} validation" in outcome.stdout


def test_a_record_that_says_something_else_does_not_match(
    tiny_run: tuple[Path, StudyRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = finalist(tiny_run[1])
    forged = StudyFolder(tmp_path / "runs" / "tiny")
    (forged.place / "resolved.yaml").write_text(Path("runs/tiny/resolved.yaml").read_text())
    journal = Journal(forged.journal)
    for record in read_journal(tiny_run[0] / "runs" / "tiny" / "journal.jsonl"):
        content = {key: value for key, value in record.items() if key != "kind"}
        if record["kind"] == "scored" and record["trial"] == trial:
            score = Score("primer", {"pass_at_1": 1.0}, {"pass_at_1": (0.9, 1.0)}, 3, 2, solved={"p": 1.0})
            content["score"] = encode(score)
        if record["kind"] == "train_report" and record["train_report"]["trial"] == trial:
            points = [{**point, "loss": point["loss"] * 1.5} for point in record["train_report"]["points"]]
            content["train_report"] = {**record["train_report"], "points": points}
        journal.write(record["kind"], **content)
    journal.close()
    monkeypatch.chdir(tmp_path)
    outcome = again(trial, "--device", "cpu")
    assert outcome.return_value == 1
    assert "comes out different" in outcome.stdout
    assert "allowed are 0.1 %" in outcome.stdout and "outside" in outcome.stdout
    assert again(trial, "--losses-only", "--tolerance", "0.5", "--device", "cpu").return_value == 0


def test_a_trial_that_is_not_there_is_refused_with_those_that_are() -> None:
    refused = again("t0044").exception
    assert isinstance(refused, ConfigError) and "t0000 to t0003" in str(refused)


def test_a_trial_that_was_never_trained_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = StudyFolder(tmp_path / "runs" / "tiny")
    (fresh.place / "resolved.yaml").write_text(Path("runs/tiny/resolved.yaml").read_text())
    journal = Journal(fresh.journal)
    first = next(r for r in read_journal(Path("runs/tiny/journal.jsonl")) if r["kind"] == "bracket")
    journal.write("bracket", **{key: value for key, value in first.items() if key != "kind"})
    journal.close()
    monkeypatch.chdir(tmp_path)
    assert "nothing was measured of it yet" in str(again("t0000").exception)


@pytest.fixture
def rewritten(tiny_run: tuple[Path, StudyRecord]) -> Iterator[Path]:
    """The folder with model, rows and runs, whose files are as before afterwards."""
    names = ("model/model.safetensors", "rows.jsonl")
    before = {tiny_run[0] / name: (tiny_run[0] / name).read_bytes() for name in names}
    yield tiny_run[0]
    for path, content in before.items():
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda place: flip_a_bit(place / "model" / "model.safetensors"), "model.weights"),
        (lambda place: replace_in(place / "rows.jsonl", "adds 7", "adds seven"), "data.train"),
    ],
    ids=["weights", "rows"],
)
def test_other_contents_than_the_recorded_are_refused_and_named(
    change: Callable[[Path], None], name: str, rewritten: Path, tiny_run: tuple[Path, StudyRecord]
) -> None:
    trial = finalist(tiny_run[1])
    change(rewritten)
    error = again(trial, "--device", "cpu").exception
    assert isinstance(error, StudyChanged)
    assert f"  {name}: the content was " in str(error) and "--despite-changes" in str(error)


def test_other_problems_than_the_recorded_are_refused_and_losses_alone_need_none(
    tiny_run: tuple[Path, StudyRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_less(task: str) -> Mapping[str, Problem]:
        return dict(list(read_problems(task).items())[1:])

    monkeypatch.setattr("astraios_ray.studies.run_again.read_problems", one_less)
    trial = finalist(tiny_run[1])
    error = again(trial, "--device", "cpu").exception
    assert isinstance(error, StudyChanged)
    assert "  evaluate.primer.rows: the content was " in str(error)
    assert again(trial, "--losses-only", "--device", "cpu").return_value == 0


def test_despite_changes_a_trial_is_run_again_on_what_there_is(
    rewritten: Path, tiny_run: tuple[Path, StudyRecord], caplog: pytest.LogCaptureFixture
) -> None:
    trial = finalist(tiny_run[1])
    replace_in(rewritten / "rows.jsonl", "adds 7", "adds seven")
    outcome = again(trial, "--losses-only", "--despite-changes", "--device", "cpu")
    assert outcome.exception is None and "comes out" in outcome.stdout
    assert "data.train: the content was " in caplog.text


def replace_in(file: Path, old: str, new: str) -> None:
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))

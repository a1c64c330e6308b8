"""``status``: what it says of a search that runs, that crashed, that is done, that never was."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.config.read_study import load_study
from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.records import Provenance, Score, TrainReport, TrialState, encode
from astraios_ray.search.eval_protocol import questions
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import Journal, read_journal
from astraios_ray.search.progress import Progress
from astraios_ray.search.replay import replay_folder
from tests.fakes.studies import board, run_through, study, trained

ROOT = Path(__file__).parents[2]
PROVENANCE = Provenance({}, "3.11", "a test")


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder() -> StudyFolder:
    place = StudyFolder(Path("runs") / "small")
    place.adopt(study().resolved(), extend=False)
    return place


def run_status(*args: str) -> Result:
    return CliRunner().invoke(cli, ["status", *args])


def status_of(run: str = "small") -> Mapping[str, Any]:
    result = run_status(run, "--json")
    assert result.exception is None
    answer: Mapping[str, Any] = json.loads(result.stdout)
    return answer


def begin(folder: StudyFolder, train_tasks: int) -> None:
    """A session that ended after ``train_tasks`` tasks without closing anything."""
    journal = Journal(folder.journal)
    journal.write("session", at=0.0, provenance=encode(PROVENANCE))
    run_through(board(folder.place), train_tasks)


def finish(folder: StudyFolder) -> None:
    begin(folder, 10_000)
    journal = Journal(folder.journal)
    score = encode(Score("primer", {"pass_at_1": 0.5}, {"pass_at_1": (0.4, 0.6)}, 10, 20))
    question = questions(study().evaluate, study().search.seed)
    journal.write("scored", trial="base", score=score | {"metrics": {"pass_at_1": 0.25}}, asked=question)
    journal.write("scored", trial="t0000", score=score, asked=question)
    journal.write(
        "scored", trial="t0001", score=score, asked=question | {"limit": 3}
    )  # of another evaluation
    journal.write("done", seconds=61.0)
    journal.write("closed", seconds=62.0)


def test_a_study_that_has_not_begun_says_so(folder: StudyFolder) -> None:
    assert "No trial has been proposed yet." in run_status("small").stdout
    assert status_of()["phase"] == "setup"


def test_trials_are_counted_as_the_board_counts_them(folder: StudyFolder) -> None:
    begin(folder, 9)
    other_folder = StudyFolder(folder.place.with_name("other"))
    live = board(other_folder.place)  # the same study, as its own search sees it
    run_through(live, 9)
    assert replay_folder(folder.place).record.results == live.results


@pytest.mark.parametrize("lost", range(1, 4))
def test_endings_that_a_crash_kept_from_the_journal_are_known_all_the_same(
    folder: StudyFolder, lost: int
) -> None:
    begin(folder, 10_000)
    before = replay_folder(folder.place).record.results
    records = list(read_journal(folder.journal))
    folder.journal.unlink()
    journal = Journal(folder.journal)
    for number, record in enumerate(records):
        if record["kind"] != "ended" or number < len(records) - lost:
            journal.write(**record)
    assert replay_folder(folder.place).record.results == before


def test_a_search_that_is_gone_trains_nothing(folder: StudyFolder) -> None:
    begin(folder, 3)
    folder.write_status(encode(Progress("search", planned=8, running=2, paused=5)))
    status = status_of()
    assert "running" not in status["trials"]
    assert status["held"] is False
    assert "no search is at work" in run_status("small").stdout


def test_a_search_at_work_is_named_and_its_running_trials_are_counted(folder: StudyFolder) -> None:
    begin(folder, 3)
    folder.write_status(encode(Progress("search", planned=8, running=2, rung="step 1: 3/4")))
    folder.hold()
    try:
        status = status_of()
    finally:
        folder.free()
    assert (status["held"], status["trials"]["running"]) == (True, 2)
    assert status["waits_for"] == "step 1: 3/4"
    assert status_of()["held"] is False


def test_of_a_search_on_another_machine_nothing_is_claimed(folder: StudyFolder) -> None:
    (folder.place / ".owner").write_text("process 1 on elsewhere")
    assert status_of()["held"] is None
    assert "cannot be asked from here" in run_status("small").stdout


def test_nothing_in_the_folder_is_written(folder: StudyFolder) -> None:
    begin(folder, 5)
    before = {path: path.stat().st_mtime_ns for path in sorted(folder.place.rglob("*"))}
    run_status("small")
    assert {path: path.stat().st_mtime_ns for path in sorted(folder.place.rglob("*"))} == before


def test_scores_of_prompts_that_began_otherwise_than_in_the_last_session_are_not_shown(
    folder: StudyFolder,
) -> None:
    finish(folder)
    assert status_of()["scored"]
    journal = Journal(folder.journal)
    journal.write("session", at=70.0, provenance=encode(PROVENANCE), prompts_begin=["<s>"])
    assert not status_of()["scored"]
    score = encode(Score("primer", {"pass_at_1": 0.5}, {"pass_at_1": (0.4, 0.6)}, 10, 20))
    question = questions(study().evaluate, study().search.seed, ["<s>"])
    journal.write("scored", trial="t0001", score=score, asked=question)
    assert [entry["trial"] for entry in status_of()["scored"]] == ["t0001"]


def test_the_best_of_every_method_and_the_scores_are_shown(folder: StudyFolder) -> None:
    finish(folder)
    status = status_of()
    assert status["complete"]
    assert status["methods"]["lora"]["trial"] == "t0000"
    assert status["methods"]["ia3"]["trials"] >= 2
    assert [entry["trial"] for entry in status["scored"]] == ["t0000"]
    text = run_status("small").stdout
    assert "the untuned one has pass@1 25.0 %" in text
    assert "astraios-ray export runs/small t0000" in text
    assert "Go on with" not in text


def test_rungs_count_the_trials_that_reached_them(folder: StudyFolder) -> None:
    begin(folder, 4)
    steps = {rung["step"]: rung["trials"] for rung in status_of()["rungs"]}
    assert list(steps) == [1, 3, 9]
    assert steps[1] >= steps[3] >= steps[9]
    assert steps[1] > 0


def test_a_trial_that_broke_is_shown_and_never_best(folder: StudyFolder) -> None:
    small = board(folder.place)
    train_task = small.ask(small.ready()[0])
    broken = trained(train_task)
    small.tell(TrainReport(broken.trial, TrialState.DIVERGED, (), None, broken.cost, "loss nan"))
    run_through(small)
    status = status_of()
    assert status["trials"]["diverged"] == 1
    assert status["methods"][train_task.spec.method]["trial"] != train_task.spec.id


def test_the_command_that_goes_on_names_the_very_same_study(folder: StudyFolder) -> None:
    started = load_study("quickstart", ["name=small", "methods=[ia3, lora]", "training.batch_size=8"])
    folder.adopt(started.resolved(), extend=True)
    *_, path = status_of()["search"].split()
    assert load_study(path).resolved() == started.resolved()


def test_from_another_folder_the_command_says_where_the_runs_are(
    folder: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    command = status_of(str(tmp_path / "runs" / "small"))["search"]
    assert command.endswith(f"--set output={tmp_path / 'runs'}")


def test_a_folder_that_was_set_aside_offers_no_command(folder: StudyFolder) -> None:
    begin(folder, 2)
    backup = folder.set_aside()
    assert backup
    assert status_of(str(backup))["search"] is None


def test_a_record_that_is_half_written_is_not_read(folder: StudyFolder) -> None:
    begin(folder, 5)
    before = status_of()
    with folder.journal.open("ab") as file:
        file.write(b'0123abcd {"kind": "stre')
    assert status_of() == before


def test_a_damaged_journal_is_refused(folder: StudyFolder) -> None:
    begin(folder, 5)
    folder.journal.write_bytes(folder.journal.read_bytes().replace(b'"loss"', b'"lots"', 1))
    error = run_status("small").exception
    assert isinstance(error, TornFile)
    assert "checksum" in str(error)
    assert error.exit_code == 1


def test_a_damaged_study_is_refused_by_its_name(folder: StudyFolder) -> None:
    (folder.place / "resolved.yaml").write_text("{")
    error = run_status("small").exception
    assert isinstance(error, TornFile)
    assert "resolved.yaml" in str(error)


def test_a_damaged_progress_is_told_and_the_journal_is_read(
    folder: StudyFolder, caplog: pytest.LogCaptureFixture
) -> None:
    begin(folder, 5)
    (folder.place / "status.json").write_text("{")
    assert run_status("small").exception is None
    assert "status.json is damaged" in caplog.text


@pytest.mark.parametrize("asked_for", ["smal", "runs/smal", "elsewhere/small", "small.yaml"])
def test_an_unknown_folder_is_refused_with_the_nearest(folder: StudyFolder, asked_for: str) -> None:
    error = run_status(asked_for).exception
    assert isinstance(error, ConfigError)
    assert "did you mean" in str(error)
    assert "runs/small" in str(error)
    assert error.exit_code == 2


def test_without_any_run_it_says_how_to_make_one() -> None:
    error = run_status("quickstart").exception
    assert "astraios-ray search quickstart" in str(error)


def test_nothing_heavy_is_imported(folder: StudyFolder) -> None:
    finish(folder)
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['status', 'small'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print({'torch', 'ray', 'mlflow', 'optuna', 'peft', 'transformers', 'scipy'} & set(sys.modules))\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.endswith("set()\n")

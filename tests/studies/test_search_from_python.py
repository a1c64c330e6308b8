"""``search`` from Python: the same study, resume and errors as the command, and nothing printed unasked."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

import astraios_ray as ar
from astraios_ray.cli.main import main
from astraios_ray.search.progress import Progress
from astraios_ray.studies.ending_signals import ending_signals_restored
from astraios_ray.studies.session import Session
from tests.fakes.backends import tiny_study, write_model, write_rows


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two trials; its run folder is beside it."""
    folder = tmp_path_factory.mktemp("study")
    config = tiny_study(write_model(folder / "model"), write_rows(folder / "rows.jsonl"))
    settings = {
        "output": str(folder),
        "tracking": {"mlflow": False},
        "methods": {"ia3": {}, "lora": {"r": 2}},
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump({**config.resolved(), **settings, "budget": {"trials": 2}}))
    return path


@pytest.fixture(scope="module")
def run(study: Path) -> ar.Run:
    return ar.search(study, backend="local")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    with ending_signals_restored():
        yield


class Display:
    """Keeps what it is shown."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.notes: list[str] = []
        self.closed = False

    def update(self, progress: Progress) -> None:
        self.phases.append(progress.phase)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def close(self) -> None:
        self.closed = True


def test_a_run_has_the_trials_in_order_the_best_and_the_report(run: ar.Run) -> None:
    assert (run.name, run.complete, run.folder.name) == ("tiny", True, "tiny")
    assert [row.rank for row in run.leaderboard] == [1, 2]
    assert run.best == run.leaderboard[0] and run.best.validation_loss is not None
    assert run.report.path == run.folder / "report" / "index.html" and run.report.path.exists()


def test_the_command_goes_on_with_a_study_of_a_program_and_gives_the_same_answer(
    run: ar.Run, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = run.folder / "journal.jsonl"
    trained = journal.read_text().count('"train_report"')
    assert trained
    with pytest.raises(SystemExit) as ending:
        main(["search", str(study), "--backend", "local", "--quiet", "--json"])
    assert ending.value.code == 0
    assert f'"validation_loss": {run.best.validation_loss}' in capsys.readouterr().out
    assert journal.read_text().count('"train_report"') == trained


def test_a_program_goes_on_with_its_study_and_trains_nothing_again(run: ar.Run, study: Path) -> None:
    before = (run.folder / "journal.jsonl").read_text().count('"train_report"')
    again = ar.search(study, backend="local")
    assert again.leaderboard == run.leaderboard
    assert (run.folder / "journal.jsonl").read_text().count('"train_report"') == before


@pytest.mark.usefixtures("run")
def test_progress_goes_to_a_display_of_ones_own(study: Path) -> None:
    display = Display()
    ar.search(study, backend="local", fresh=True, progress=display)
    assert {"setup", "search"} <= set(display.phases) and display.closed
    assert any("is now in" in note for note in display.notes)


@pytest.mark.parametrize("progress", [False, True])
def test_nothing_is_printed_but_progress_that_was_asked_for(progress: bool, study: Path) -> None:
    program = (
        "import astraios_ray as ar\n"
        f"ar.search({str(study)!r}, {{'name': 'print{progress}'}}, backend='local', progress={progress})\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout == ""
    assert ("search | " in process.stderr) if progress else process.stderr == ""


def test_a_study_runs_in_a_thread_too(study: Path) -> None:
    runs: list[ar.Run] = []
    thread = Thread(target=lambda: runs.append(ar.search(study, {"name": "thread"}, backend="local")))
    thread.start()
    thread.join()
    assert runs[0].complete


def test_sigterm_means_afterwards_what_it_meant_before(study: Path) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with pytest.raises(ar.errors.ConfigError):
        ar.search(study, {"name": "signals", "methods": {"lroa": {}}}, backend="local")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_a_study_that_is_stopped_says_that_it_is_saved(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(session: Session) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "run", stop)
    with pytest.raises(ar.errors.Interrupted, match="goes on from there"):
        ar.search(study, {"name": "stopped"}, backend="local")
    assert not ar.open_run(study.parent / "stopped").complete


def test_a_changed_study_is_refused_as_by_the_command(run: ar.Run, study: Path) -> None:
    with pytest.raises(ar.errors.StudyChanged, match="max_steps"):
        ar.search(study, {"training.max_steps": 12}, backend="local")
    assert run.folder.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"study": "quickstrat"}, "did you mean 'quickstart'?"),
        ({"study": "quickstart", "overrides": {"budget.trails": 9}}, "did you mean 'trials'?"),
        ({"study": "quickstart", "backend": "slurm"}, "there are 'ray' and 'local'"),
        ({"study": "quickstart", "backend": "local", "consent": "me"}, "expected the name of what is judged"),
    ],
    ids=["name", "key", "backend", "consent"],
)
def test_a_mistake_is_an_error_of_the_tree_and_leaves_nothing_behind(
    arguments: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ar.errors.ConfigError, match=message.replace("?", r"\?")):
        ar.search(**arguments)
    assert not list(tmp_path.iterdir())


def test_a_mistake_in_an_override_is_told_before_torch_is_imported() -> None:
    program = (
        "import sys, astraios_ray as ar\n"
        "try: ar.search('quickstart', {'budget.trails': 9})\n"
        "except ar.errors.ConfigError as error: print(error)\n"
        "print({'torch', 'ray', 'mlflow'} & set(sys.modules))\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "did you mean 'trials'?" in process.stdout and process.stdout.endswith("set()\n")


def test_what_a_program_prints_during_a_search_stays_on_its_standard_output(study: Path) -> None:
    program = (
        "import astraios_ray as ar\n"
        "class Printer:\n"
        "    def update(self, progress): print(progress.phase)\n"
        "    def note(self, text): pass\n"
        "    def close(self): pass\n"
        f"ar.search({str(study)!r}, {{'name': 'prints'}}, backend='local', progress=Printer())\n"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "search" in process.stdout.splitlines()

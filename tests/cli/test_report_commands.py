"""``report``, ``explain``, ``best`` and ``compare`` from the run folder alone."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import COMMANDS, cli
from astraios_ray.records import Provenance, Score, encode
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import Journal
from astraios_ray.search.questions import questions
from tests.fakes.studies import desk, run_through, study

TITLES = (
    "experiment,peft_type,num_trainable_params,test_accuracy,final_train_loss,memory_max_bytes,train_time_s,"
    "file_size_bytes,status"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished study, ``small``, with two scores, below ./runs."""
    monkeypatch.chdir(tmp_path)
    place = StudyFolder(Path("runs") / "small")
    place.adopt(study().resolved(), extend=False)
    journal = Journal(place.journal)
    journal.write("session", at=0.0, provenance=encode(Provenance({}, "3.11", "a test")))
    run_through(desk(place.place), 10_000)
    asked = questions(study().evaluate, study().search.seed)
    for trial, share in (("t0000", 0.75), ("t0001", 0.25)):
        solved = {f"p{n}": share for n in range(10)}
        score = Score("primer", {"pass_at_1": share}, {"pass_at_1": (0.1, 0.9)}, 10, 20, solved=solved)
        journal.write("scored", trial=trial, score=encode(score), asked=asked)
    journal.write("done", seconds=3600.0)
    journal.close()
    return place.place


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


def test_the_report_is_made_anew_with_a_price(folder: Path) -> None:
    done = run("report", "small", "--price-per-hour", "2.5")
    assert done.exit_code == 0
    assert [Path(line).name for line in done.stdout.split()] == [
        "leaderboard.json",
        "leaderboard.md",
        "index.html",
    ]
    assert "2.50 at the price given" in (folder / "report" / "index.html").read_text()
    assert json.loads((folder / "leaderboard.json").read_text())["analysis"]["cost"]["price"] == 2.5


def test_the_report_takes_no_lock(folder: Path) -> None:
    holder = StudyFolder(folder)
    holder.hold()
    try:
        assert run("report", "small").exit_code == 0
    finally:
        holder.free()


def test_the_page_is_opened_where_that_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run("report", "small", "--open").exit_code == 0
    assert opened == [(folder / "report" / "index.html").resolve().as_uri()]


def test_the_report_of_another_tools_results_says_where_it_goes(tmp_path: Path) -> None:
    Path("runs.csv").write_text(f"{TITLES}\na,LORA,10,0.5,0.6,100,1.0,40,success\n")
    refused = run("report", "runs.csv")
    assert refused.exit_code == 2 and "--to" in refused.stderr
    done = run("report", "runs.csv", "--to", "seen", "--peft", "again")
    assert done.exit_code == 0 and Path("seen/report/index.html").exists()
    assert len(list(Path("again").glob("*.json"))) == 1
    assert "peft:LORA" in run("best", "again").stdout


def test_a_study_is_explained_in_words() -> None:
    text = run("explain", "small").stdout
    assert text.startswith("The answer\n  Best by pass@1 on primer:")
    assert "Can the validation loss be trusted?\n" in text and "What it costs\n" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_explanation_is_there_for_programs() -> None:
    found = json.loads(run("explain", "small", "--json").stdout)
    assert found["analysis"]["methods"]["words"] and found["verdict"].startswith("Best")


def test_the_best_trial_is_printed_with_its_denominator() -> None:
    text = run("best", "small").stdout
    assert "t0000" in text and "75.0 %" in text and "10 problems" in text


def test_the_best_trial_is_there_for_programs_with_its_recipe() -> None:
    found = json.loads(run("best", "small", "--json").stdout)
    assert (found["trial"], found["rank"]) == ("t0000", 1)
    assert found["recipe"]["max_steps"] == found["max_steps"]


def test_the_best_of_a_method_nobody_asked_for_is_refused_with_those_there_are() -> None:
    refused = run("best", "small", "loar")
    assert refused.exit_code != 0 and "did you mean 'lora'?" in str(refused.exception)


def test_two_studies_are_put_side_by_side(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("other"))
    text = run("compare", "small", "other").stdout
    assert text.splitlines()[0].split() == ["method", "runs/small", "runs/other"]
    assert "is not told apart from" in text
    assert json.loads(run("compare", "small", "other", "--json").stdout)["pairs"][0]["verdict"] == "tie"


def test_one_study_has_nothing_beside_it() -> None:
    assert "two or more different runs" in run("compare", "small", "small").stderr


@pytest.mark.parametrize("command", ["report", "explain", "best", "compare"])
def test_a_run_that_is_not_there_is_refused_with_the_nearest(command: str) -> None:
    assert command in COMMANDS
    refused = run(command, *(["smal", "small"] if command == "compare" else ["smal"]))
    assert refused.exit_code != 0 and "did you mean 'small'?" in str(refused.exception)

"""``report``, ``explain``, ``best`` and ``compare`` from the run folder alone."""

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from astraios_ray.cli.main import COMMANDS, cli
from astraios_ray.config.study import StudyConfig
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import Journal, read_journal
from tests.fakes.run_folders import PEFT_RESULTS, finished
from tests.fakes.studies import study


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished study, ``small``, with two scores, below ./runs."""
    monkeypatch.chdir(tmp_path)
    return finished(Path("runs") / "small", {"t0000": 0.75, "t0001": 0.25}, seconds=3600.0)


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args)


def test_the_report_is_made_anew_with_a_price(folder: Path) -> None:
    result = run("report", "small", "--price-per-hour", "2.5")
    assert result.exit_code == 0
    assert [Path(line).name for line in result.stdout.split()] == [
        "leaderboard.json",
        "leaderboard.md",
        "index.html",
        "plots",
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
    Path("runs.csv").write_text(PEFT_RESULTS)
    refused = run("report", "runs.csv")
    assert refused.exit_code == 2 and "--to" in refused.stderr
    result = run("report", "runs.csv", "--to", "seen", "--peft", "again")
    assert result.exit_code == 0 and Path("seen/report/index.html").exists()
    assert len(list(Path("again").glob("*.json"))) == 1
    assert "peft:LORA" in run("best", "again").stdout


def test_a_study_is_explained_in_words() -> None:
    text = run("explain", "small").stdout
    assert text.startswith("The answer\n  Best by pass@1 on primer:")
    assert "Can the validation loss be trusted?\n" in text and "What it costs\n" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_explanation_is_there_for_programs() -> None:
    document = json.loads(run("explain", "small", "--json").stdout)
    assert document["analysis"]["methods"]["words"] and document["verdict"].startswith("Best")


def test_the_best_trial_is_printed_with_its_denominator() -> None:
    text = run("best", "small").stdout
    assert "t0000" in text and "75.0 %" in text and "10 problems" in text


def test_the_best_trial_is_there_for_programs_with_its_recipe() -> None:
    document = json.loads(run("best", "small", "--json").stdout)
    assert (document["trial"], document["rank"]) == ("t0000", 1)
    assert document["recipe"]["max_steps"] == document["max_steps"]


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
    refused = run("compare", "small", "small")
    assert refused.exit_code != 0 and "two or more different runs" in str(refused.exception)


def test_one_study_has_a_papers_scores_beside_it() -> None:
    assert "Beside the scores of astraios" in run("compare", "small", "--with", "astraios").stdout
    document = json.loads(run("compare", "small", "--with", "astraios", "--json").stdout)
    assert document["published"] == {"paper": "astraios", "scores": []}
    refused = run("compare", "small", "--with", "astrios")
    assert refused.exit_code != 0 and "did you mean 'astraios'?" in str(refused.exception)


@pytest.mark.parametrize("command", ["report", "explain", "best", "compare"])
def test_a_run_that_is_not_there_is_refused_with_the_nearest(command: str) -> None:
    assert command in COMMANDS
    refused = run(command, *(["smal", "small"] if command == "compare" else ["smal"]))
    assert refused.exit_code != 0 and "did you mean 'small'?" in str(refused.exception)


@pytest.fixture
def sizes(folder: Path) -> list[str]:
    """The study again on a base that is four times as large, with losses a tenth lower."""
    for name, model, parameters, share in (("at1", "nano-xs", 100_000, 1.0), ("at4", "nano-s", 400_000, 0.9)):
        place = StudyFolder(folder.with_name(name))
        config = study(name=name, model={"id": f"builtin:{model}"})
        place.adopt(config.resolved(), extend=False)
        journal = Journal(place.journal)
        for record in read_journal(folder / "journal.jsonl"):
            content = {key: value for key, value in record.items() if key != "kind"}
            if record["kind"] == "train_report":
                points = [
                    {**point, "loss": share * point["loss"]} for point in record["train_report"]["points"]
                ]
                cost = {**record["train_report"]["cost"], "base_parameters": parameters}
                content["train_report"] = {**record["train_report"], "points": points, "cost": cost}
            journal.write(record["kind"], **content)
        journal.close()
    return ["at1", "at4"]


def test_studies_of_two_sizes_say_how_losses_fall(sizes: list[str]) -> None:
    text = run("compare", *sizes).stdout
    assert "As the base model grows\n  2 sizes of base model: 100k and 400k parameters." in text
    document = json.loads(run("compare", *sizes, "--at", "1.6M", "--json").stdout)["scale"]
    lora = document["laws"]["lora"]
    assert [point["size"] for point in lora["points"]] == [100_000, 400_000]
    assert document["at"] == 1.6e6
    assert lora["foretold"]["value"] == pytest.approx(0.9 * lora["points"][1]["loss"])
    assert {order["by"] for order in document["orders"]} == {"validation loss", "primer"}


def test_the_same_is_one_page(sizes: list[str]) -> None:
    result = run("compare", *sizes, "--html", "pages/sizes.html")
    assert result.exit_code == 0
    page = Path("pages/sizes.html").read_text()
    assert "As the base model grows" in page and page.count("<svg") == 1
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert run("compare", *sizes, "--html", "pages/sizes.html").exit_code == 0
    assert Path("pages/sizes.html").read_text() == page


def test_a_size_that_is_no_number_is_refused(sizes: list[str]) -> None:
    assert "such as 7B" in run("compare", *sizes, "--at", "big").stderr


def test_the_best_of_every_method_begins_another_study() -> None:
    text = run("best", "small", "--enqueue").stdout
    points = yaml.safe_load(text)
    assert [point["method"] for point in points] == ["lora", "ia3"]
    assert set(points[0]) >= {"method", "r", "learning_rate"}
    larger = StudyConfig.model_validate({**study(name="larger").resolved(), "enqueue": points})
    assert dict(larger.enqueue[0]) == points[0]
    assert json.loads(run("best", "small", "ia3", "--enqueue", "--json").stdout) == points[1:]


def test_results_of_another_tool_begin_no_study() -> None:
    Path("runs.csv").write_text(PEFT_RESULTS)
    assert "do not say all their settings" in str(run("best", "runs.csv", "--enqueue").exception)

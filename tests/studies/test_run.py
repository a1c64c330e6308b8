"""A study in its run folder, as Python has it."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import astraios_ray as ar
from tests.fakes.run_folders import PEFT_RESULTS, finished


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run folder of a finished study of the name ``small``, below ./runs."""
    monkeypatch.chdir(tmp_path)
    return finished(Path("runs/small"), {"t0000": 0.75, "t0001": 0.25}, 100.0)


@pytest.mark.parametrize("name", ["small", "runs/small", Path("runs/small")])
def test_a_run_is_opened_by_its_name_or_folder(name: str | Path, folder: Path) -> None:
    run = ar.open_run(name)
    assert run.folder == folder and str(run) == "runs/small" and run.complete
    assert repr(run).startswith("<Run 'small' in runs/small: ") and repr(run).endswith("trials, complete>")
    assert ar.open_run(run) is run


def test_a_name_that_is_not_there_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(ar.errors.ConfigError, match="did you mean 'small'"):
        ar.open_run("smal")
    assert folder.exists()


def test_a_row_has_the_numbers_of_the_leaderboards_file(folder: Path) -> None:
    path, *_ = ar.write_report("small")
    trials = json.loads(path.read_text())["trials"]
    rows = ar.open_run("small").leaderboard
    assert len(rows) == len(trials) > 2
    for row, trial in zip(rows, trials, strict=True):
        values = json.loads(json.dumps(row.values))
        metrics = {score["task"]: score["metrics"] for score in trial["scores"]}
        assert values == {name: metrics if name == "metrics" else trial[name] for name in values}
        assert set(values) == set(asdict(row)) - {"entry"}


def test_the_best_is_the_first_of_all_or_of_a_method(folder: Path) -> None:
    run = ar.open_run("small")
    assert run.best.trial == ar.best("small").trial == "t0000" and run.best.score == 0.75
    second = next(row for row in run.leaderboard if row.method != run.best.method)
    assert ar.best(run, second.method).trial == second.trial
    with pytest.raises(ar.errors.ConfigError, match="there are "):
        ar.best(run, "nothing")


def test_rows_are_a_frame_of_pandas_with_a_column_for_each_hyperparameter(folder: Path) -> None:
    rows = ar.open_run("small").leaderboard
    frame = rows.to_pandas()
    assert list(frame["trial"]) == [row.trial for row in rows]
    assert {"rank", "score", "validation_loss", "metrics.primer.pass_at_1"} <= set(frame.columns)
    names = {f"hyperparameters.{name}" for row in rows for name in row.hyperparameters}
    assert names and names <= set(frame.columns)


def test_without_pandas_the_error_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ar.errors.ConfigError, match="pip install pandas"):
        ar.open_run("small").leaderboard.to_pandas()


def test_the_report_is_a_path_and_its_page_is_shown_in_a_notebook(folder: Path) -> None:
    report = ar.open_run("small").report
    with pytest.raises(ar.errors.ConfigError, match="no report yet"):
        report._repr_html_()
    paths = ar.write_report("small")
    assert os.fspath(report) == str(paths[2]) == "runs/small/report/index.html"
    shown = report._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;') and shown.endswith("</iframe>")


def test_a_notebook_shows_a_run_as_its_verdict_and_leaderboard(folder: Path) -> None:
    text = ar.open_run("small")._repr_markdown_()
    assert text.startswith("**Best by pass@1 on primer:") and "| rank | method |" in text


def test_a_study_without_a_ranked_trial_has_no_best(tmp_path: Path) -> None:
    run = ar.open_run(finished(tmp_path / "small", {}, 1.0))
    empty = ar.Run(type(run.record)(**{**vars(run.record), "results": ()}))
    with pytest.raises(ar.errors.ConfigError, match="no trial can be ranked yet"):
        assert empty.best


def test_results_of_another_tool_need_a_folder_for_the_report(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(PEFT_RESULTS)
    run = ar.open_run(tmp_path / "runs.csv")
    assert not run.has_folder and run.best.method == "peft:LORA"
    with pytest.raises(ar.errors.ConfigError, match="say with `to`"):
        ar.write_report(run)
    assert ar.write_report(run, to=tmp_path / "seen")[0].exists()


def test_one_study_has_nothing_beside_it(folder: Path) -> None:
    with pytest.raises(ar.errors.ConfigError, match="two or more different runs"):
        ar.compare([folder, str(folder)])


def test_a_status_says_what_the_command_says_in_json(folder: Path) -> None:
    status = ar.status("small")
    assert (status.study, status.complete, status.held) == ("small", True, False)
    assert sum(status.trials.values()) == len(ar.open_run("small").leaderboard)
    assert "board" not in status.document()

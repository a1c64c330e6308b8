"""The page of figures says what the results say."""

import json
from pathlib import Path

import pytest

from benchmarks.results import FOLDER
from benchmarks.table import PAGE, baseline_of, newest, with_table


def test_the_pages_table_is_the_newest_results() -> None:
    page = PAGE.read_text()
    assert page == with_table(page), "run python -m benchmarks.table"


def test_a_table_that_was_touched_by_hand_is_found_out() -> None:
    page = PAGE.read_text()
    touched = page.replace("| `trial_start` |", "| `trial_started` |")
    assert touched != page
    assert with_table(touched) == page


def test_every_case_has_its_figures_target_and_limit() -> None:
    for file in newest():
        content = json.loads(file.read_text())
        assert content["provenance"]["packages"]
        for case in content["cases"]:
            assert case["target"] > 0, case
            assert case["ratio"] == pytest.approx(case["baseline"] / case["ours"], rel=0.02), case
            assert case["limit"] and case["unit"] and baseline_of(case["case"]), case


def test_every_missed_target_is_explained_on_the_page() -> None:
    prose = PAGE.read_text().partition("## What was missed, and why")[2]
    for file in newest():
        for case in json.loads(file.read_text())["cases"]:
            missed = case["ratio"] < case["target"]
            assert not missed or f"`{case['case']}`" in prose, f"{case['case']} is missed and not explained"


def test_the_newest_file_of_each_machine_is_taken(tmp_path: Path) -> None:
    for name in ("2cpu-2026-11-21", "2cpu-2026-12-01", "cuda-2026-01-05"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert [path.stem for path in newest(tmp_path)] == ["2cpu-2026-12-01", "cuda-2026-01-05"]


def test_a_case_without_words_for_its_baseline_is_an_error() -> None:
    with pytest.raises(ValueError, match="no words for the baseline of 'a_new_case'"):
        baseline_of("a_new_case")


def test_a_page_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="the table's place"):
        with_table("# Benchmarks\n")


def test_results_are_kept_where_the_page_looks() -> None:
    assert newest()[0].parent == FOLDER

"""The report says in all of its forms where methods were not compared alike."""

import json
from pathlib import Path

import pytest

from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.text import text
from astraios_ray.report.sections.fairness import fairness_section
from astraios_ray.report.write import write_report
from astraios_ray.studies.explain import explain
from astraios_ray.studies.run import Run
from tests.fakes.study_records import quickstart, record, result
from tests.fakes.unfair_studies import UNFAIR, unfair_record


@pytest.mark.parametrize("name", UNFAIR)
def test_a_sentence_begins_with_the_name_of_its_warning(name: str) -> None:
    section = fairness_section(leaderboard(unfair_record()))
    assert section is not None
    assert sum(sentence.startswith(f"{name}: ") for sentence in section.sentences) == 1


def test_page_leaderboard_and_explain_have_the_same_sentences(tmp_path: Path) -> None:
    section = fairness_section(leaderboard(unfair_record()))
    assert section is not None
    values, markdown, page = (path.read_text() for path in write_report(unfair_record(), tmp_path)[:3])
    analysis = json.loads(values)["analysis"]["fairness"]
    assert analysis["words"] == list(section.sentences)
    assert {warning["name"] for warning in analysis["warnings"]} >= UNFAIR.keys()
    assert "Different batch size: 24 for full" in markdown
    assert "Different batch size: 24 for full" in page and 'id="fairness"' in page
    assert section in explain(Run(unfair_record())).parts


def test_the_console_names_the_warnings() -> None:
    words = " ".join(text(unfair_record()).split())
    assert "not fair in every respect (unequal_batch_size" in words
    assert "not fair in every respect" not in text(quickstart())


def test_the_table_has_a_column_for_each_condition_that_differs() -> None:
    section = fairness_section(leaderboard(unfair_record()))
    assert section is not None
    ((_, table),) = section.tables
    assert {"batch size", "schedule", "size", "learning rates (decades)"} < set(table.titles)
    assert "trained in" not in table.titles
    assert "trained in float32, moments float32" in section.sentences[-1]


def test_a_record_of_an_earlier_version_says_what_it_does_not_know() -> None:
    section = fairness_section(leaderboard(quickstart()))
    assert section is not None
    assert section.sentences[0] == "No warning: the 7 methods differ in nothing but the method."
    assert section.sentences[-1] == "Precision, targets and special tokens are not known."


def test_a_study_of_one_method_has_no_such_part() -> None:
    assert fairness_section(leaderboard(record(result(0, losses={200: 1.0})))) is None


def test_a_run_has_the_same_check_as_data() -> None:
    names = {warning.name for warning in Run(unfair_record()).fairness.warnings}
    assert names >= UNFAIR.keys()

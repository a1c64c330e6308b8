"""A study that goes on keeps values that its file leaves out and whose defaults have changed since."""

from pathlib import Path

import pytest

from astraios_ray.studies.recorded_values import recorded_sections, with_recorded_values
from tests.fakes.studies import study

OLD = """
search: {sampler: tpe, seed: 0, cohort: auto, startup_per_method: 2}
early_stop: {grace: 20}
evaluate: {samples: 20}
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    (tmp_path / "resolved.yaml").write_text(OLD)
    return tmp_path


def test_a_new_study_has_the_defaults(tmp_path: Path) -> None:
    assert with_recorded_values(study(), recorded_sections(tmp_path)) == study()


def test_a_study_of_an_older_version_keeps_its_sampler(recorded: Path) -> None:
    before = with_recorded_values(study(early_stop={}), recorded_sections(recorded))
    assert (before.search.sampler, before.search.startup_per_method) == ("tpe", 2)
    assert before.early_stop.grace == 20


def test_a_study_of_an_older_version_keeps_its_samples_per_problem(recorded: Path) -> None:
    sections = recorded_sections(recorded)
    assert with_recorded_values(study(evaluate={}), sections).evaluate.samples == 20
    assert with_recorded_values(study(evaluate={"samples": 3}), sections).evaluate.samples == 3


def test_a_value_that_the_file_has_is_not_replaced(recorded: Path) -> None:
    search = with_recorded_values(study(search={"sampler": "random"}), recorded_sections(recorded)).search
    assert (search.sampler, search.startup_per_method) == ("random", 2)


def test_a_damaged_file_changes_nothing(recorded: Path) -> None:
    for text in ("search: [torn\n", "7", "search: 3\n"):
        (recorded / "resolved.yaml").write_text(text)
        assert with_recorded_values(study(), recorded_sections(recorded)) == study()

"""A killed search on Ray goes on with the same command and ends with the same study."""

from pathlib import Path

import pytest

from tests.end_to_end.searches import kill_and_go_on


@pytest.mark.ray
@pytest.mark.slow
def test_a_killed_search_repeats_nothing_that_was_finished(study: Path, tmp_path: Path) -> None:
    kill_and_go_on(study, "ray", tmp_path)

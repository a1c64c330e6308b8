"""The acknowledged part of a spool is saved and loaded unchanged."""

from pathlib import Path

import pytest

from astraios_ray.tracking.acknowledged import Acknowledged


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    saved = Acknowledged(42, {"": "run"}, ["why"])
    saved.save(tmp_path / "acknowledged.json")
    assert Acknowledged.load(tmp_path / "acknowledged.json") == saved


def test_without_an_earlier_session_nothing_is_acknowledged(tmp_path: Path) -> None:
    assert Acknowledged.load(tmp_path / "acknowledged.json") == Acknowledged()


@pytest.mark.parametrize("text", ["", "{", '{"of": "another kind"}'])
def test_with_a_damaged_file_nothing_is_acknowledged_and_one_line_says_so(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "acknowledged.json"
    path.write_text(text)
    assert Acknowledged.load(path) == Acknowledged()
    assert "acknowledged.json is damaged" in caplog.text

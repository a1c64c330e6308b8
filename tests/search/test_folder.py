"""A run folder: its lock, its study, and that setting it aside loses nothing."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.errors import AstraiosError, StudyChanged, TornFile
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.journal import FORMAT, Journal
from tests.fakes.studies import study


def resolved(**sections: Any) -> dict[str, Any]:
    return study(**sections).resolved()


def started_folder(place: Path, **sections: Any) -> StudyFolder:
    """A folder in which a study has begun."""
    folder = StudyFolder(place)
    folder.adopt(resolved(**sections), extend=False)
    folder.journal.write_text("")
    return folder


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    StudyFolder(tmp_path / "runs" / "small")
    assert stat.S_IMODE((tmp_path / "runs" / "small").stat().st_mode) == 0o700


def test_the_same_study_is_taken_up_again(tmp_path: Path) -> None:
    started_folder(tmp_path).adopt(resolved(), extend=False)


def test_a_changed_study_is_refused_with_the_difference(tmp_path: Path) -> None:
    folder = started_folder(tmp_path, budget={"trials": 8})
    with pytest.raises(StudyChanged, match="`extend`") as refused:
        folder.adopt(resolved(budget={"trials": 30}), extend=False)
    assert "-  trials: 8" in str(refused.value)
    assert "+  trials: 30" in str(refused.value)
    folder.adopt(resolved(budget={"trials": 8}), extend=False)  # what lies there was not touched


def test_a_study_without_a_journal_has_not_begun_and_may_change(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.adopt(resolved(budget={"trials": 8}), extend=False)
    folder.adopt(resolved(budget={"trials": 30}), extend=False)


def test_extend_goes_on_with_the_new_values(tmp_path: Path) -> None:
    folder = started_folder(tmp_path, budget={"trials": 8})
    folder.adopt(resolved(budget={"trials": 30}), extend=True)
    folder.adopt(resolved(budget={"trials": 30}), extend=False)


CONTENTS = {
    "model": {"weights": "1", "tokenizer": "2"},
    "data": {"train": "3"},
    "evaluate": {"primer": {"evaluator": "4", "rows": "5"}},
}


def started_folder_with_contents(place: Path) -> StudyFolder:
    folder = started_folder(place)
    folder.note(CONTENTS)
    return folder


@pytest.mark.parametrize(
    ("section", "contents", "line"),
    [
        ("model", {"weights": "1", "tokenizer": "new"}, "model.tokenizer: the content was 2, is new"),
        ("model", {"commit": "new"}, "model.commit: the content was none, is new"),
        ("data", {"train": "new"}, "data.train: the content was 3, is new"),
        (
            "evaluate",
            {"primer": {"evaluator": "4", "rows": "new"}},
            "evaluate.primer.rows: the content was 5, is new",
        ),
    ],
)
def test_other_contents_behind_the_same_study_are_refused_with_what_changed(
    section: str, contents: dict[str, Any], line: str, tmp_path: Path
) -> None:
    folder = started_folder_with_contents(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(StudyChanged, match="`fresh`") as refused:
        folder.adopt(resolved(lanes={"count": 3}), {**CONTENTS, section: contents}, extend=False)
    assert f"  {line}" in str(refused.value).splitlines()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_extend_goes_on_with_other_evaluators_and_not_with_another_model(tmp_path: Path) -> None:
    folder, other = started_folder_with_contents(tmp_path), {"primer": {"evaluator": "new", "rows": "5"}}
    folder.adopt(resolved(), {**CONTENTS, "evaluate": other}, extend=True)
    assert folder.contents == {**CONTENTS, "evaluate": other}
    with pytest.raises(StudyChanged):
        folder.adopt(resolved(), {**CONTENTS, "model": other}, extend=True)


def test_a_folder_without_contents_takes_those_that_are_there_now(tmp_path: Path) -> None:
    folder = started_folder(tmp_path)
    (tmp_path / "contents.yaml").unlink()
    assert folder.contents == {}
    folder.adopt(resolved(), CONTENTS, extend=False)
    assert folder.contents == CONTENTS


def test_contents_of_a_study_that_never_began_are_forgotten(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.adopt(resolved(), CONTENTS, extend=False)
    folder.adopt(resolved(), {"data": {"train": "new"}}, extend=False)
    assert folder.contents == {"data": {"train": "new"}}


def test_damaged_contents_are_refused(tmp_path: Path) -> None:
    folder = started_folder_with_contents(tmp_path)
    (tmp_path / "contents.yaml").write_text("[1")
    with pytest.raises(TornFile, match=r"contents\.yaml"):
        folder.adopt(resolved(), CONTENTS, extend=False)


@pytest.mark.parametrize(
    "harmless",
    [{"lanes": {"count": 3, "slots": 4}}, {"tracking": {"mlflow": False}}, {"output": "elsewhere"}],
)
def test_where_and_how_fast_it_runs_may_change(harmless: dict[str, Any], tmp_path: Path) -> None:
    started_folder(tmp_path).adopt(resolved(**harmless), extend=False)


@pytest.mark.parametrize("damage", ["", "[1, 2]", "a: [", None])
def test_a_folder_that_does_not_say_which_study_it_holds_is_refused(
    damage: str | None, tmp_path: Path
) -> None:
    folder = started_folder(tmp_path)
    (tmp_path / "resolved.yaml").unlink()
    if damage is not None:
        (tmp_path / "resolved.yaml").write_text(damage)
    with pytest.raises(TornFile, match=r"resolved\.yaml"):
        folder.adopt(resolved(), extend=False)


def begun_folder(place: Path) -> StudyFolder:
    """A folder whose journal has a session, as a search writes it."""
    folder = StudyFolder(place)
    folder.adopt(resolved(), CONTENTS, extend=False)
    journal = Journal(folder.journal)
    journal.write("session", format=FORMAT, study=resolved(), contents=CONTENTS)
    journal.close()
    return folder


@pytest.mark.parametrize("name", ["resolved.yaml", "contents.yaml"])
@pytest.mark.parametrize("damage", ["", "[1, 2]", "a: [", "half", None])
def test_a_damaged_copy_is_written_anew_from_the_journal_in_one_line(
    name: str, damage: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun_folder(tmp_path)
    copy = tmp_path / name
    text = copy.read_text()
    copy.unlink()
    if damage is not None:
        copy.write_text(text[: text.index("\n", len(text) // 2) + 1] if damage == "half" else damage)
    StudyFolder(tmp_path).adopt(resolved(), CONTENTS, extend=False)
    (line,) = caplog.messages
    assert f"{copy} is not what the journal has" in line
    assert copy.read_text() == text


def test_a_damaged_copy_hides_no_change_of_the_study(tmp_path: Path) -> None:
    begun_folder(tmp_path)
    (tmp_path / "resolved.yaml").write_text("")
    (tmp_path / "contents.yaml").unlink()
    with pytest.raises(StudyChanged, match="holds another study"):
        StudyFolder(tmp_path).adopt(resolved(search={"seed": 9}), CONTENTS, extend=False)
    with pytest.raises(StudyChanged, match="other files or rows"):
        StudyFolder(tmp_path).adopt(resolved(), {**CONTENTS, "data": {"train": "new"}}, extend=False)


@pytest.mark.parametrize("damage", ["", None])
def test_trained_trials_without_their_journal_are_refused_unless_all_begins_anew(
    damage: str | None, tmp_path: Path
) -> None:
    folder = begun_folder(tmp_path / "small")
    (folder.trials / "t0000").mkdir(parents=True)
    folder.journal.unlink()
    if damage is not None:
        folder.journal.write_text(damage)
    with pytest.raises(TornFile, match=r"journal\.jsonl is missing or empty.*`fresh`"):
        folder.adopt(resolved(), CONTENTS, extend=False)
    aside = folder.set_aside()
    assert aside
    assert (aside / "trials" / "t0000").is_dir()
    folder.adopt(resolved(), CONTENTS, extend=False)


def test_a_second_search_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    first, second = StudyFolder(tmp_path / "small"), StudyFolder(tmp_path / "small")
    first.hold()
    with pytest.raises(AstraiosError, match=r"in use by process \d+ on .+\. Wait for it, stop it"):
        second.hold()
    first.free()
    second.hold()
    second.free()


def test_set_aside_loses_nothing(tmp_path: Path) -> None:
    folder = started_folder(tmp_path / "small")
    folder.trials.mkdir()
    (folder.trials / "weights").write_text("dear")
    old_folder = folder.set_aside()
    assert old_folder and (old_folder / "trials" / "weights").read_text() == "dear"
    assert (old_folder / "journal.jsonl").exists()
    assert not folder.journal.exists()
    folder.adopt(resolved(budget={"trials": 30}), extend=False)


def test_set_aside_twice_in_a_second_makes_two_folders(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "small")
    places = set()
    for _ in range(3):
        folder.journal.write_text("")
        places.add(folder.set_aside())
    assert len(places) == 3


def test_there_is_nothing_to_set_aside_before_a_study_has_begun(tmp_path: Path) -> None:
    assert StudyFolder(tmp_path / "small").set_aside() is None


def test_a_held_folder_is_still_held_after_it_was_set_aside(tmp_path: Path) -> None:
    folder = started_folder(tmp_path / "small")
    folder.hold()
    folder.set_aside()
    with pytest.raises(AstraiosError, match="in use"):
        StudyFolder(tmp_path / "small").hold()
    folder.free()
    StudyFolder(tmp_path / "small").hold()


def test_the_status_is_replaced_whole(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.write_status({"phase": "search"})
    folder.write_status({"phase": "report"})
    assert json.loads((tmp_path / "status.json").read_text()) == {"phase": "report"}
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]

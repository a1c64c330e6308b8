import pytest

from astraios_ray.data.rows import LONGEST, BadRow, Row, make_row
from astraios_ray.records import DataRef

REF = DataRef("rows.jsonl")


def test_a_row_reads_as_the_paper_writes_it() -> None:
    row = make_row({"prompt": "Add 2 to x.", "completion": "x + 2"}, "f:1", REF)
    assert isinstance(row, Row)
    assert row.text == "Question: Add 2 to x.\n\nAnswer: x + 2"
    assert row.text.startswith(row.question)
    assert row.columns == "prompt+completion"


def test_the_columns_of_commitpackft_are_found_and_recorded() -> None:
    record = {
        "subject": "Fix f",
        "old_contents": "def f(): 1",
        "new_contents": "def f(): 2",
        "lang": "Python",
    }
    row = make_row(record, "f:1", REF)
    assert row == Row("Fix f\ndef f(): 1", "def f(): 2", "f:1", "subject+old_contents+new_contents")


def test_a_commit_that_adds_a_file_has_no_old_contents() -> None:
    row = make_row({"subject": "Add f", "old_contents": "", "new_contents": "1"}, "f:1", REF)
    assert isinstance(row, Row)
    assert row.prompt == "Add f\n"


def test_the_columns_that_the_study_names_win() -> None:
    ref = DataRef("rows.jsonl", prompt_column="ask", completion_column="answer")
    record = {"ask": "a", "answer": "b", "subject": "s", "old_contents": "o", "new_contents": "n"}
    row = make_row(record, "f:1", ref)
    assert isinstance(row, Row)
    assert (row.prompt, row.completion) == ("a", "b")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([1], "found a list, expected an object with named columns."),
        (None, "found null, expected an object with named columns."),
        ({"prompt": "a"}, "completion: is missing; found 'prompt'."),
        (
            {"subject": "a", "old_contents": "b"},
            "new_contents: is missing beside CommitPackFT's other columns",
        ),
        ({"text": "a"}, "found 'text'; expected 'prompt' and 'completion' (data.prompt_column"),
        ({}, "found no column; expected 'prompt'"),
        ({"prompt": 3, "completion": "b"}, "prompt: found a number, expected text."),
        ({"prompt": "a", "completion": None}, "completion: found null, expected text."),
        ({"prompt": "a", "completion": " \n"}, "completion: is empty, expected some text."),
        ({"prompt": "", "completion": "b"}, "prompt: is empty, expected some text."),
        ({"prompt": "a\0b", "completion": "b"}, "prompt: has a NUL character at place 1"),
        ({"prompt": "a\ud800", "completion": "b"}, "prompt: has half a surrogate pair at place 1"),
        (
            {"prompt": "a", "completion": "b" * (LONGEST + 1)},
            "completion: has 1,000,001 characters, expected at most",
        ),
    ],
)
def test_a_bad_row_says_what_was_found_and_what_would_be_right(record: object, reason: str) -> None:
    row = make_row(record, "rows.jsonl:7", REF)
    assert isinstance(row, BadRow)
    assert str(row).startswith(f"rows.jsonl:7: {reason}")

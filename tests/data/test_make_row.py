"""Rows of every shape, good and bad."""

from typing import Any

import pytest

from astraios_ray.data.make_row import make_row
from astraios_ray.data.row_shapes.shape import LONGEST
from astraios_ray.data.rows import BadRow, Row, Turn, pair
from astraios_ray.records import DataRef

REF = DataRef("rows.jsonl")
ASK, ANSWER = {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}


def row_of(record: object, ref: DataRef = REF) -> Row:
    row = make_row(record, "f:1", ref)
    assert isinstance(row, Row), row
    return row


def test_the_columns_of_commitpackft_are_found_and_recorded() -> None:
    record = {
        "subject": "Fix f",
        "old_contents": "def f(): 1",
        "new_contents": "def f(): 2",
        "lang": "Python",
    }
    columns = "subject+old_contents+new_contents"
    assert row_of(record) == Row("Fix f\ndef f(): 1", "def f(): 2", "f:1", columns)


def test_a_commit_that_adds_a_file_has_no_old_contents() -> None:
    assert row_of({"subject": "Add f", "old_contents": "", "new_contents": "1"}).prompt == "Add f\n"


def test_the_columns_that_the_study_names_win() -> None:
    ref = DataRef("rows.jsonl", prompt_column="ask", completion_column="answer")
    record = {"ask": "a", "answer": "b", "subject": "s", "old_contents": "o", "new_contents": "n"}
    row = row_of(record, ref)
    assert (row.prompt, row.completion) == ("a", "b")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([1], "found a list, expected an object with named columns."),
        (None, "found null, expected an object with named columns."),
        (
            {"prompt": "a"},
            "completion: is missing beside the other columns of prompt and completion; found 'prompt'.",
        ),
        (
            {"subject": "a", "old_contents": "b"},
            "new_contents: is missing beside the other columns of CommitPackFT",
        ),
        (
            {"code": "a"},
            "found 'code'; expected the columns of one kind of rows: 'prompt' and 'completion'; ",
        ),
        ({}, "found no column; expected the columns of one kind of rows: 'prompt'"),
        ({"instruction": "a", "output": 1}, "output: found a number, expected text."),
        ({"instruction": "a", "input": 1, "output": "b"}, "input: found a number, expected text."),
        ({"instruction": "a", "input": "b"}, "output: is missing beside the other columns of instruction"),
        ({"text": " "}, "text: is empty, expected some text."),
        ({"content": 3}, "content: found a number, expected text."),
        ({"messages": "hello"}, "messages: found text, expected a list of turns."),
        ({"messages": []}, "messages: no turn is the user's; expected a question and its answer."),
        ({"messages": ["a"]}, "messages[0]: found text, expected an object with a role and a text."),
        ({"messages": [{"role": "user"}]}, "messages[0].content: is missing; found 'role'."),
        (
            {"messages": [ASK, {"role": "asistant", "content": "b"}]},
            "messages[1].role: found 'asistant' (did you mean 'assistant'?), expected one of system, user,",
        ),
        (
            {"messages": [{"role": "user", "content": None}]},
            "messages[0].content: found null, expected text.",
        ),
        ({"messages": [ASK, ANSWER, ASK]}, "messages: ends with a turn of the user, expected an answer"),
        (
            {"messages": [ASK, {**ANSWER, "tool_calls": [{"id": "1"}]}]},
            "messages[1].tool_calls: calls of tools are not supported",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image"}]}, ANSWER]},
            "messages[0].content[0]: found 'image', expected parts of type 'text' alone.",
        ),
        (
            {"conversations": [{"from": "man", "value": "a"}]},
            "conversations[0].from: found 'man' (did you mean 'human'?), expected one of human, user,",
        ),
        ({"conversations": [{"from": "human"}]}, "conversations[0].value: is missing; found 'from'."),
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


@pytest.mark.parametrize(
    ("record", "turns", "columns"),
    [
        ({"instruction": "a", "output": "b"}, pair("a", "b"), "instruction+output"),
        ({"instruction": "a", "input": None, "output": "b"}, pair("a", "b"), "instruction+output"),
        ({"instruction": "a", "input": "x", "output": "b"}, pair("a\n\nx", "b"), "instruction+output+input"),
        ({"messages": [ASK, ANSWER]}, pair("a", "b"), "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}, ANSWER]},
            pair("a", "b"),
            "messages",
        ),
        (
            {"messages": [{"role": "system", "content": "s"}, ASK, ANSWER, ASK, ANSWER]},
            (Turn("system", "s"), *pair("a", "b"), *pair("a", "b")),
            "messages",
        ),
        (
            {
                "conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}],
                "system": "s",
            },
            (Turn("system", "s"), *pair("a", "b")),
            "conversations+system",
        ),
        ({"conversations": [ASK, ANSWER]}, pair("a", "b"), "conversations"),
        ({"text": "def f(): 1"}, (Turn("raw", "def f(): 1"),), "text"),
        ({"content": "x = 1", "path": "a.py"}, (Turn("raw", "x = 1"),), "content"),
        ({"prompt": "a", "completion": "b", "text": "ab"}, pair("a", "b"), "prompt+completion"),
    ],
)
def test_a_row_of_each_shape_is_recognised_by_its_columns(
    record: dict[str, Any], turns: tuple[Turn, ...], columns: str
) -> None:
    assert row_of(record) == Row.of_turns(turns, "f:1", columns)


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "a", "completion": ""},
        {"instruction": "a", "output": "\n"},
        {"text": ""},
        {"messages": [ASK]},
        {"messages": [ASK, {"role": "assistant", "content": " "}]},
    ],
)
def test_a_row_without_an_answer_is_bad_for_that_alone(record: dict[str, Any]) -> None:
    row = make_row(record, "f:1", REF)
    assert isinstance(row, BadRow)
    assert row.unanswered

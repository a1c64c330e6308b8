"""A task as one text: name, options, label."""

import pytest

from astraios_ray.config.tasks import Task, parse_task
from astraios_ray.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("primer", Task("primer")),
        ("./a/mine.py", Task("./a/mine.py")),
        ("fix?language=java", Task("fix", {"language": "java"})),
        (
            "fix?language=java&data=/d/rows.jsonl.gz",
            Task("fix", {"language": "java", "data": "/d/rows.jsonl.gz"}),
        ),
        ("fix?data=~/a", Task("fix", {"data": "~/a"})),
    ],
)
def test_a_task_is_read_from_a_text_and_written_as_it(text: str, task: Task) -> None:
    assert parse_task(text) == task
    assert str(task) == text


def test_any_value_survives_the_way_through_a_text() -> None:
    task = Task("fix", {"data": "/a b/ä&c=d?.jsonl", "empty": ""})
    assert parse_task(str(task)) == task


@pytest.mark.parametrize("text", ["fix?language", "fix?a=1&a=2"])
def test_half_an_option_or_one_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="fix"):
        parse_task(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("./a/mine.py", "mine"),
        ("fix?language=java", "fix-java"),
        ("fix?language=java&data=/d/rows.jsonl&data_root=/d", "fix-java"),
        ("fix?part=a/b c", "fix-a_b_c"),
    ],
)
def test_a_label_holds_what_is_asked_and_not_where_rows_lie(text: str, label: str) -> None:
    assert parse_task(text).label == label


def test_options_that_are_there_win_over_those_given_later() -> None:
    assert parse_task("fix?data=mine").with_defaults(data="other", more="1") == Task(
        "fix", {"data": "mine", "more": "1"}
    )

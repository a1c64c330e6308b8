"""Completions on disk: stored ones are read again, and another question is refused."""

from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.evaluation.completion_store import COMPLETIONS_FILE, QUESTION_FILE, CompletionStore
from astraios_ray.records import Completion

QUESTION = {"task": "primer", "sampling": {"samples": 2}}


def texts(problem: str, count: int = 2) -> list[Completion]:
    return [Completion(problem, n, f"{problem}{n}") for n in range(count)]


def test_what_was_kept_is_there_the_next_time(tmp_path: Path) -> None:
    first = CompletionStore(tmp_path / "new", QUESTION)
    assert list(first.keep(texts("b") + texts("a"))) == texts("b") + texts("a")
    second = CompletionStore(tmp_path / "new", QUESTION)
    assert second.of(["a", "b"], 2) == texts("a") + texts("b")


def test_a_completion_is_in_the_file_before_the_next_is_written(tmp_path: Path) -> None:
    store = CompletionStore(tmp_path, QUESTION)
    for count, _ in enumerate(store.keep(texts("a")), start=1):
        assert len(store.path.read_text().splitlines()) == count


def test_a_problem_with_a_sample_missing_is_not_there(tmp_path: Path) -> None:
    store = CompletionStore(tmp_path, QUESTION)
    list(store.keep(texts("a") + texts("b", 1)))
    assert store.of(["a", "b"], 2) == texts("a")


def test_a_line_that_was_cut_off_is_forgotten_and_the_file_goes_on(tmp_path: Path) -> None:
    list(CompletionStore(tmp_path, QUESTION).keep(texts("a")))
    path = tmp_path / COMPLETIONS_FILE
    path.write_bytes(path.read_bytes()[:-5])
    second = CompletionStore(tmp_path, QUESTION)
    assert second.of(["a"], 2) == []
    list(second.keep(texts("a")))
    assert CompletionStore(tmp_path, QUESTION).of(["a"], 2) == texts("a")


def test_answers_to_another_question_are_refused_with_what_changed(tmp_path: Path) -> None:
    CompletionStore(tmp_path, QUESTION)
    with pytest.raises(ConfigError, match=r"sampling was \{'samples': 2\}, is \{'samples': 3\}"):
        CompletionStore(tmp_path, {**QUESTION, "sampling": {"samples": 3}})


@pytest.mark.parametrize(
    ("name", "content"), [(QUESTION_FILE, "{"), (COMPLETIONS_FILE, "[]\n"), (COMPLETIONS_FILE, "x\n{}\n")]
)
def test_a_damaged_file_is_refused(name: str, content: str, tmp_path: Path) -> None:
    CompletionStore(tmp_path, QUESTION)
    (tmp_path / name).write_text(content)
    with pytest.raises(TornFile, match=r"holds no|is no JSON"):
        CompletionStore(tmp_path, QUESTION)


def test_completions_without_their_question_are_refused(tmp_path: Path) -> None:
    (tmp_path / COMPLETIONS_FILE).write_text("")
    with pytest.raises(TornFile, match="there is no asked"):
        CompletionStore(tmp_path, QUESTION)


def with_contents(**changes: str) -> dict[str, object]:
    model = {"weights": "1", "tokenizer": "2", **changes}
    return {**QUESTION, "contents": {"model": model, "task": {"rows": "3"}}}


def test_answers_from_before_a_content_changed_are_refused_with_which(tmp_path: Path) -> None:
    CompletionStore(tmp_path, with_contents())
    CompletionStore(tmp_path, with_contents())
    with pytest.raises(ConfigError, match=r"before the contents of model \(tokenizer\) changed.*`fresh`"):
        CompletionStore(tmp_path, with_contents(tokenizer="4"))


def test_a_folder_without_contents_goes_on_and_a_warning_says_that_they_cannot_be_compared(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    list(CompletionStore(tmp_path, QUESTION).keep(texts("a")))
    assert not caplog.records
    second = CompletionStore(tmp_path, with_contents())
    assert second.of(["a"], 2) == texts("a")
    assert second.question == QUESTION
    (record,) = caplog.records
    assert "noted no contents" in record.getMessage() and "\n" not in record.getMessage()

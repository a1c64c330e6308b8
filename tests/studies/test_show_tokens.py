"""The tokens as trained and as asked, and their columns."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.cli.tokens_text import tokens_as_text
from astraios_ray.config.study import StudyConfig
from astraios_ray.studies.show_tokens import TokenText, token_page
from tests.fakes.studies import study

ALPACA = "### Instruction:\n{{ prompt }}\n\n### Response:\n{{ completion }}"
TASKS = ["primer", "defect_detection?data=builtin&scoring=likelihood", "aatk?data=builtin"]


def small(**data: Any) -> StudyConfig:
    values = {"train": "builtin:primer", "sequence_length": 96, "packing": "rows", **data}
    return study(data=values, evaluate={"tasks": TASKS})


def before(text: TokenText) -> str:
    return "".join(text.tokens[: text.answer])


@pytest.mark.parametrize(
    ("template", "begin", "end"),
    [("astraios", "Question: ", "\n\nAnswer:"), (ALPACA, "### Instruction:\n", "\n\n### Response:\n")],
)
def test_trained_and_asked_texts_begin_alike_and_end_alike_before_the_answer(
    template: str, begin: str, end: str
) -> None:
    page = token_page(small(template=template, loss_on="completion"))
    questions = [text for text in page.asked if not text.title.startswith("aatk")]
    assert len(page.trained) == 2
    assert [text.title.split()[0] for text in page.asked] == [
        "primer",
        *["defect_detection-likelihood"] * 2,
        "aatk",
    ]
    for text in [*page.trained, *questions]:
        assert before(text).startswith(begin)
        assert before(text).endswith(end)


def test_the_learnt_tokens_are_those_of_the_study() -> None:
    (answers, _), (everything, _) = (
        token_page(small(loss_on=loss_on)).trained for loss_on in ("completion", "all")
    )
    assert answers.learnt.index(True) == answers.answer
    assert everything.learnt == (False, *[True] * (len(everything.ids) - 1))
    assert everything.answer == answers.answer
    assert all(not text.learnt for text in token_page(small()).asked)


def test_both_choices_of_a_likelihood_are_shown() -> None:
    asked = [text for text in token_page(small()).asked if text.title.startswith("defect")]
    assert ["".join(text.tokens[text.answer :]) for text in asked] == [" YES", " NO"]


def test_a_column_marks_what_is_learnt_around_the_answer() -> None:
    lines = tokens_as_text(token_page(small(loss_on="completion"))).splitlines()
    assert lines[0].startswith("Tokens in the template astraios")
    assert lines[1].split()[:2] == ["trained", "trained"]
    (first,) = (line for line in lines if line.lstrip().startswith("answer +0"))
    (last,) = (line for line in lines if line.lstrip().startswith("answer -1"))
    assert first.count("*") == 2
    assert "*" not in last
    assert last.count("':'") == 5


def test_plan_shows_tokens_as_text_and_as_data(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(small().resolved()))
    texts = [CliRunner().invoke(cli, ["plan", str(path), *flags]) for flags in ([], ["--show-tokens"])]
    assert [text.exit_code for text in texts] == [0, 0]
    assert ["Tokens in the template" in text.stdout for text in texts] == [False, True]
    as_data = json.loads(CliRunner().invoke(cli, ["plan", str(path), "--show-tokens", "--json"]).stdout)
    page = as_data["tokens"]
    assert page["template"] == "astraios"
    assert len(page["trained"][0]["ids"]) == len(page["trained"][0]["tokens"])

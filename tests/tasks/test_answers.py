import pytest

from astraios_ray.tasks.answers import (
    INVALID,
    NO,
    YES,
    Keywords,
    answer_part,
    parse_answer,
    question_part,
)

KEYWORDS = Keywords(yes=("there is a", "has a defect"), no=("there is no defect",))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (" YES", YES),
        (" No, there is none", NO),
        ("yes. No wait", YES),  # only the first sentence counts
        ("It is, yes", INVALID),  # a comma ends a sentence
        ("Nothing", NO),  # a part of a word counts
        ("Yes and no", INVALID),
        ("Well, there is a leak", YES),
        ("Indeed; the function HAS A DEFECT", YES),
        ("Hm, there is no defect", NO),
        ("Yes or no, there is a leak and there is no defect", YES),  # the phrases for yes come first
        ("", INVALID),
    ],
)
def test_an_answer_is_parsed_by_the_scripts_rule(text: str, answer: str) -> None:
    assert parse_answer(text, KEYWORDS) == answer


def test_only_what_follows_the_last_answer_is_parsed() -> None:
    text = "Question: a\n\nAnswer: YES\nQuestion: no b\n\nAnswer: NO"
    assert parse_answer(text, KEYWORDS) == NO
    assert question_part(text) + answer_part(text) == text
    assert answer_part(text) == " NO"


def test_text_without_a_question_is_all_answer() -> None:
    assert (question_part("yes"), answer_part("yes")) == ("", "yes")

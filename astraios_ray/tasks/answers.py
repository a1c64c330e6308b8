"""Parse a model's answer to a question that asks for YES or NO."""

from collections.abc import Sequence
from dataclasses import dataclass

YES, NO, INVALID = "1", "0", "-1"
"""The three answers, as the Astraios scripts write them."""

_ANSWER = "\nAnswer:"


@dataclass(frozen=True)
class Keywords:
    """Phrases in lower case that decide when the first sentence says neither yes nor no, or both."""

    yes: Sequence[str]
    no: Sequence[str]


def parse_answer(text: str, keywords: Keywords) -> str:
    """YES, NO or INVALID, by the rule of the scripts.

    The scripts are instruct_codexglue_{clone,defect}_detection.py of bigcode-evaluation-harness, branch
    ``astraios``. The first sentence behind the last "Answer:" decides when it holds only one of "yes" and
    "no"; a comma ends a sentence too. Otherwise the phrases decide, those for yes first, anywhere in the
    answer. Words and phrases match parts of words, so "nothing" holds "no".
    """
    answer = answer_part(text).lower()
    sentence = answer.replace(",", ".").split(".")[0]
    says_yes, says_no = "yes" in sentence, "no" in sentence
    if says_yes != says_no:
        return YES if says_yes else NO
    if any(phrase in answer for phrase in keywords.yes):
        return YES
    if any(phrase in answer for phrase in keywords.no):
        return NO
    return INVALID


def answer_part(text: str) -> str:
    """The text behind the last "Answer:" that begins a line; the whole text without one."""
    return text.rpartition(_ANSWER)[2]


def question_part(text: str) -> str:
    """The text up to and with the last "Answer:" that begins a line; empty without one."""
    return "".join(text.rpartition(_ANSWER)[:2])

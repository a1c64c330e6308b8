"""What a model answered to a question that asks for YES or NO."""

from collections.abc import Sequence
from dataclasses import dataclass

YES, NO, INVALID = "1", "0", "-1"
"""The three answers, as the Astraios scripts write them."""

_ANSWER = "\nAnswer:"


@dataclass(frozen=True)
class Keywords:
    """Phrases that decide where the first sentence says neither yes nor no, or both. Lower case."""

    yes: Sequence[str]
    no: Sequence[str]


def parse_answer(text: str, keywords: Keywords) -> str:
    """YES, NO or INVALID.

    The scripts' own rule (bigcode-evaluation-harness, branch ``astraios``,
    instruct_codexglue_{clone,defect}_detection.py): of what follows the last "Answer:", the first sentence,
    which a comma ends too, holds "yes" and not "no", or the other way round; else the phrases, those for
    yes first, anywhere in the answer. They are searched as parts of words, so that "nothing" holds "no".
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
    """What follows the last "Answer:" that begins a line; the whole text without one."""
    return text.rpartition(_ANSWER)[2]


def question_part(text: str) -> str:
    """``text`` up to the last "Answer:" that begins a line, with it; empty without one."""
    return "".join(text.rpartition(_ANSWER)[:2])

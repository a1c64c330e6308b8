"""Finds training rows that share runs of words with evaluation problems."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.data.rows import Row

GRAM = 13  # words, as GPT-3's check for contamination (arXiv 2005.14165, appendix C)
WORDS = re.compile(r"\w+")


@dataclass(frozen=True)
class Overlap:
    """One row that shares words with one problem."""

    row: str  # the row's source
    problem: str
    words: str  # the first shared run


def overlap(rows: Sequence[Row], texts: Mapping[str, str]) -> list[Overlap]:
    """Rows that share 13 consecutive words with a text, or hold all of a shorter one, in the rows' order.

    ``texts`` are the problems' texts by id, without the words that every prompt begins with. Case and
    punctuation do not count.
    """
    index = _index(texts)
    lengths = sorted({len(gram) for gram in index})
    overlaps: dict[tuple[str, str], Overlap] = {}
    for row in rows:
        words = _words(row.text)
        for length in lengths:
            for start in range(len(words) - length + 1):
                gram = tuple(words[start : start + length])
                for problem in index.get(gram, ()):
                    overlaps.setdefault((row.source, problem), Overlap(row.source, problem, " ".join(gram)))
    return list(overlaps.values())


def _index(texts: Mapping[str, str]) -> dict[tuple[str, ...], list[str]]:
    index: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for problem, text in texts.items():
        words = _words(text)
        length = min(GRAM, len(words))
        for start in range(len(words) - length + 1 if words else 0):
            index[tuple(words[start : start + length])].append(problem)
    return index


def _words(text: str) -> list[str]:
    return WORDS.findall(text.lower())

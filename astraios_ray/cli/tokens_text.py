"""Trained and asked tokens side by side, for a person."""

from collections.abc import Iterator, Sequence

from astraios_ray.aligned_text import table
from astraios_ray.studies.show_tokens import TokenPage, TokenText

HEAD, BEFORE, AFTER, TAIL = 6, 4, 8, 3  # tokens at the beginning, around the answer's, and at the end
WIDTH = 20  # letters of a token


def tokens_as_text(page: TokenPage) -> str:
    """One column a text. Three parts: how texts begin, where the answer begins, and how they end."""
    texts = [*page.trained, *page.asked]
    kinds = ["", *("trained" for _ in page.trained), *("asked" for _ in page.asked)]
    titles = ["", *(_last(text.title) for text in texts)]
    rows = [kinds, titles, *_begin(texts), *_around(texts), *_end(texts)]
    name = page.template if "{" not in page.template else "a Jinja text"
    legend = "* is learnt; +0 is the first token of the answer"
    return f"Tokens in the template {name} ({legend})\n{table(_shortened(rows))}"


def _begin(texts: Sequence[TokenText]) -> Iterator[list[str]]:
    for place in range(HEAD):
        yield [f"begin {place}", *(_word(text, place) for text in texts)]


def _around(texts: Sequence[TokenText]) -> Iterator[list[str]]:
    for offset in range(-BEFORE, AFTER):
        yield [f"answer {offset:+d}", *(_word(text, text.answer + offset) for text in texts)]


def _end(texts: Sequence[TokenText]) -> Iterator[list[str]]:
    for offset in range(-TAIL, 0):
        yield [f"end {offset}", *(_word(text, len(text.ids) + offset) for text in texts)]


def _word(text: TokenText, place: int) -> str:
    if not 0 <= place < len(text.ids):
        return ""
    star = "*" if text.learnt and text.learnt[place] else " "
    return f"{star}{text.tokens[place]!r}"


def _shortened(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[cell if len(cell) <= WIDTH else cell[: WIDTH - 1] + "…" for cell in row] for row in rows]


def _last(title: str) -> str:
    """The end of a title, which tells it from others."""
    return title if len(title) <= WIDTH else "…" + title[1 - WIDTH :]

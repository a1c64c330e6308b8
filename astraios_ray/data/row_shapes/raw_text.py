"""Rows of raw text, such as source files: ``text`` or ``content``."""

from collections.abc import Mapping

from astraios_ray.data.row_shapes.shape import RowFault, Shape, text_of
from astraios_ray.data.rows import RAW, Turn


def _shape(column: str) -> Shape:
    def turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
        text = text_of(record[column], column)
        if not text.strip():
            raise RowFault(f"{column}: is empty, expected some text.", unanswered=True)
        return (Turn(RAW, text),)

    return Shape("raw text", (column,), turns)


SHAPES = (_shape("text"), _shape("content"))

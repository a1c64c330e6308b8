"""Edits of Python source by places in its syntax tree; all other text stays unchanged."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass


class Places:
    """Converts lines and UTF-8 columns of a syntax tree to character offsets."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """The offset of a line, counted from 1, and a column in bytes, counted from 0."""
        text = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(text)

    def span(self, node: ast.stmt | ast.expr | ast.arg) -> tuple[int, int]:
        """The offsets of a node's start and end."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def line_start(self, line: int) -> int:
        """The offset of a line's start, counted from 1; the number behind the last line gives the end."""
        return self._starts[line - 1]

    def indent(self, node: ast.stmt) -> str:
        """The blanks in front of a statement; empty when there is something else."""
        prefix = self._lines[node.lineno - 1].encode()[: node.col_offset].decode()
        return prefix if not prefix.strip() else ""


@dataclass(frozen=True)
class Edit:
    """Replace the characters from ``start`` to ``end`` by ``text``."""

    start: int
    end: int
    text: str


def edited(source: str, mark: int, edits: Sequence[Edit]) -> tuple[str, int]:
    """``source`` after the edits, and the new offset of ``mark``. Text inserted at the mark is before it.

    Edits must not overlap each other.
    """
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
        if edit.end <= mark:
            mark += len(edit.text) - (edit.end - edit.start)
    return source, mark

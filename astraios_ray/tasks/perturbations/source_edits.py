"""Edits of Python source by places in its syntax tree: everything that is not edited stays as it is."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass


class Places:
    """Turns the lines and UTF-8 columns of a syntax tree into character offsets."""

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
        """Where a node starts and where it ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def line_start(self, line: int) -> int:
        """Where a line, counted from 1, starts; one behind the last is the end."""
        return self._starts[line - 1]

    def indent(self, node: ast.stmt) -> str:
        """The blanks in front of a statement. Empty when something else stands there."""
        before = self._lines[node.lineno - 1].encode()[: node.col_offset].decode()
        return before if not before.strip() else ""


@dataclass(frozen=True)
class Edit:
    """Put ``text`` where ``start`` to ``end`` was."""

    start: int
    end: int
    text: str


def edited(source: str, mark: int, edits: Sequence[Edit]) -> tuple[str, int]:
    """``source`` with the edits made, and where ``mark`` is then. What is put at the mark stands before it.

    Edits must not overlap each other.
    """
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        source = source[: edit.start] + edit.text + source[edit.end :]
        if edit.end <= mark:
            mark += len(edit.text) - (edit.end - edit.start)
    return source, mark

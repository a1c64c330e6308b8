"""Format: line ends, indentation and the form of the docstring. The code stays token for token."""

from dataclasses import replace
from random import Random

from astraios_ray.tasks.perturbations.row import CodeRow, parts_of
from astraios_ray.tasks.perturbations.transformation import transformation

NEW_LINE_RATIO = 0.5  # ReCode, format/new_lines.py
_SPLIT = " \\\n "  # ReCode, format/split_lines.py


@transformation("tab_indent", "format")
def tab_indent(row: CodeRow, random: Random) -> CodeRow:
    """Indent by tabs instead of four blanks.

    The solution too: ReCode's released rows leave it in blanks, so that none of their references runs.
    """
    return replace(row, prompt=tabbed(row.prompt), canonical_solution=tabbed(row.canonical_solution))


def tabbed(text: str) -> str:
    """Lines indented by one tab for every four blanks; a line of only blanks stays."""
    return "".join(_tabbed(line) for line in text.splitlines(keepends=True))


def _tabbed(line: str) -> str:
    code = line.lstrip(" ")
    tabs, blanks = divmod(len(line) - len(code), 4)
    return "\t" * tabs + " " * blanks + code if code.strip() else line


@transformation("split_lines", "format")
def split_lines(row: CodeRow, random: Random) -> CodeRow:
    """Split the longest line of code in the prompt, but the function's own line, in the middle."""
    parts = parts_of(row)
    head, inside, tail = _around(row, parts.function, parts.doc_end)
    lines = [*head.split("\n"), *tail.split("\n")]
    longest = max(range(len(lines)), key=lambda number: _length(lines[number]))
    if _length(lines[longest]) < 0:
        return row
    lines[longest] = _halved(lines[longest])
    count = head.count("\n") + 1
    return replace(row, prompt="\n".join(lines[:count]) + inside + "\n".join(lines[count:]))


def _around(row: CodeRow, start: int, end: int) -> tuple[str, str, str]:
    return row.prompt[:start], row.prompt[start:end], row.prompt[end:]


def _length(line: str) -> int:
    """The number of characters that are no blanks; -1 for a line of fewer than two words."""
    words = line.split()
    return sum(map(len, words)) if len(words) > 1 else -1


def _halved(line: str) -> str:
    text = line.strip(" ")
    indent, end = line[: len(line) - len(line.lstrip(" "))], line[len(line.rstrip(" ")) :]
    words = text.split(" ")
    words.insert(len(words) // 2, _SPLIT)
    return indent + " ".join(words) + end


@transformation("doc2comments", "format")
def doc2comments(row: CodeRow, random: Random) -> CodeRow:
    """Turn the docstring into comments."""
    parts = parts_of(row)
    head, quoted, tail = _around(row, parts.doc_start, parts.doc_end)
    if not quoted.strip():
        return row
    indent = head[head.rfind("\n") + 1 :]
    mark = 3 if quoted[:3] in ('"""', "'''") else 1
    first, *more_lines = quoted[mark:-mark].split("\n")
    # a line of blanks becomes an empty comment
    lines = [first.lstrip(), *(line and (line.removeprefix(indent) or " ") for line in more_lines)]
    comment_lines = lines[0 if lines[0].strip() else 1 : None if lines[-1].strip() else -1]
    comments = "\n".join(f"{indent}# {line}" if line else "" for line in comment_lines)
    return replace(row, prompt=head[: len(head) - len(indent)] + comments + tail)


@transformation("new_lines", "format", random=True)
def new_lines(row: CodeRow, random: Random) -> CodeRow:
    """Put an empty line behind half of the line ends that follow the docstring."""
    end = parts_of(row).doc_end
    behind = "".join(
        letter + "\n" if letter == "\n" and random.random() < NEW_LINE_RATIO else letter
        for letter in row.prompt[end:]
    )
    return replace(row, prompt=row.prompt[:end] + behind)


@transformation("new_line_aftercode", "format")
def new_line_aftercode(row: CodeRow, random: Random) -> CodeRow:
    """Put an empty line at the end of the prompt."""
    return replace(row, prompt=row.prompt + "\n")


@transformation("new_line_afterdoc", "format")
def new_line_afterdoc(row: CodeRow, random: Random) -> CodeRow:
    """Put an empty line behind the docstring."""
    end = parts_of(row).doc_end
    return replace(row, prompt=row.prompt[:end] + "\n" + row.prompt[end:])

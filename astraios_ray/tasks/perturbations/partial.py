"""Partial code: a row whose prompt already holds the first half of the solution."""

from dataclasses import replace

from astraios_ray.tasks.perturbations.row import CodeRow, parts_of


def partial_row(row: CodeRow) -> CodeRow:
    """The row with the first half of its body's lines, rounded down, moved into the prompt.

    ReCode's definition (arXiv 2212.10264, section 3.5): a body of one line stays in the solution. Blank
    lines count. Raises DataError when the program is no Python.
    """
    program = row.program
    start = _body_start(program, parts_of(row).doc_end)
    lines = program[start:].splitlines(keepends=True)
    half = len(lines) // 2
    if not half:
        return row
    split = start + sum(map(len, lines[:half]))
    return replace(row, prompt=program[:split], canonical_solution=program[split:])


def _body_start(program: str, doc_end: int) -> int:
    """The line behind the docstring, or the line of the first statement without a docstring."""
    line_end = program.find("\n", doc_end)
    behind = program[doc_end : line_end if line_end >= 0 else len(program)]
    if behind.strip():  # a statement is on this line
        return program.rfind("\n", 0, doc_end) + 1
    return len(program) if line_end < 0 else line_end + 1

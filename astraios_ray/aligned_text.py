"""Rows as aligned text, and numbers as people read them."""

from collections.abc import Iterable, Sequence


def table(rows: Iterable[Sequence[object]], indent: str = "  ") -> str:
    """``rows`` with their columns aligned to the left, two spaces between them."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def mebibytes(size: float) -> str:
    """Bytes as ``12.3 MiB`` or ``4.5 GiB``."""
    mib = size / 2**20
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib:.1f} MiB"


def between(low: int, high: int) -> str:
    """``1,024`` or ``1,024 to 4,096``."""
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

"""The training and validation rows of a data set, before masking and tokenising."""

from astraios_ray.data.row_reader import read_rows
from astraios_ray.data.rows import Row
from astraios_ray.data.split import split_rows
from astraios_ray.records import DataRef


def read_parts(ref: DataRef) -> tuple[list[Row], list[Row]]:
    """Training and validation rows, by ``ref.validation`` or else by a seeded split.

    Raises DataError and ConfigError.
    """
    rows = read_rows(ref)
    if ref.validation is None:
        return split_rows(rows, ref.validation_fraction, ref.seed)
    return rows, read_rows(ref, ref.validation)

"""Makes a row of a record by the first shape whose columns it has."""

from collections.abc import Mapping, Sequence
from sys import intern

from astraios_ray.data.row_shapes import shapes
from astraios_ray.data.row_shapes.shape import RowFault, Shape
from astraios_ray.data.rows import BadRow, Row, kind_of
from astraios_ray.records import DataRef


def make_row(record: object, source: str, ref: DataRef) -> Row | BadRow:
    """The row in ``record``, or a BadRow with the reason why it has none."""
    if not isinstance(record, Mapping):
        return BadRow(source, f"found {kind_of(record)}, expected an object with named columns.")
    options = shapes(ref.prompt_column, ref.completion_column)
    shape = next((shape for shape in options if all(column in record for column in shape.columns)), None)
    if shape is None:
        return BadRow(source, _explain_missing(record, options))
    try:
        turns = shape.turns(record)
    except RowFault as fault:
        return BadRow(source, str(fault), fault.unanswered)
    columns = [*shape.columns, *(column for column in shape.optional if record.get(column))]
    return Row.of_turns(turns, source, intern("+".join(columns)))  # one text for all rows


def _explain_missing(record: Mapping[str, object], options: Sequence[Shape]) -> str:
    """What is missing of the shape that has most of its columns; all shapes where none has any."""
    present = ", ".join(map(repr, list(record)[:8])) or "no column"
    missing_by_shape = {shape: [c for c in shape.columns if c not in record] for shape in options}
    nearest = max(options, key=lambda shape: len(shape.columns) - len(missing_by_shape[shape]))
    missing = missing_by_shape[nearest]
    if len(missing) < len(nearest.columns):
        names = ", ".join(missing)
        return f"{names}: is missing beside the other columns of {nearest.name}; found {present}."
    columns = "; ".join(" and ".join(map(repr, shape.columns)) for shape in options)
    return (
        f"found {present}; expected the columns of one kind of rows: {columns} "
        "(data.prompt_column and data.completion_column give the first two other names)."
    )

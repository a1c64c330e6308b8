"""Rows with a prompt and its completion, under the column names of the study."""

from collections.abc import Mapping

from astraios_ray.data.row_shapes.shape import Shape, answered, text_of
from astraios_ray.data.rows import Turn, pair


def prompt_completion(prompt_column: str, completion_column: str) -> Shape:
    """The shape for these two columns."""

    def turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
        texts = [text_of(record[column], column) for column in (prompt_column, completion_column)]
        return answered(pair(*texts), prompt_column, completion_column)

    return Shape("prompt and completion", (prompt_column, completion_column), turns)

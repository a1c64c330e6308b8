"""The shapes of rows that are recognised by their columns, in the order in which they are tried."""

from functools import cache

from astraios_ray.data.row_shapes import commits, conversations, instruction, messages, raw_text
from astraios_ray.data.row_shapes.prompt_completion import prompt_completion
from astraios_ray.data.row_shapes.shape import Shape

__all__ = ["shapes"]


@cache
def shapes(prompt_column: str, completion_column: str) -> tuple[Shape, ...]:
    """All shapes; the two columns that the study names come first."""
    return (
        prompt_completion(prompt_column, completion_column),
        commits.SHAPE,
        messages.SHAPE,
        conversations.SHAPE,
        instruction.SHAPE,
        *raw_text.SHAPES,
    )

"""Alpaca's rows: an instruction, an input that may be missing or empty, and the output."""

from collections.abc import Mapping

from astraios_ray.data.row_shapes.shape import Shape, answered, text_of
from astraios_ray.data.rows import Turn, pair


def _turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
    instruction, output = (text_of(record[column], column) for column in ("instruction", "output"))
    extra = text_of(record.get("input"), "input", required=False)
    prompt = f"{instruction}\n\n{extra}" if extra.strip() else instruction
    return answered(pair(prompt, output), "instruction", "output")


SHAPE = Shape("instruction and output", ("instruction", "output"), _turns, optional=("input",))

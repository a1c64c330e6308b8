"""ShareGPT's rows: ``conversations`` of humans and models, and a ``system`` text that may be missing."""

from collections.abc import Mapping

from astraios_ray.data.row_shapes import messages
from astraios_ray.data.row_shapes.shape import Shape, text_of
from astraios_ray.data.row_shapes.turn_lists import TurnKeys, turns_of
from astraios_ray.data.rows import ASSISTANT, SYSTEM, TOOL, USER, Turn

COLUMN = "conversations"
ROLES = {
    **dict.fromkeys(("human", "user"), USER),
    **dict.fromkeys(("gpt", "assistant", "chatgpt", "bing", "bard", "model"), ASSISTANT),
    **dict.fromkeys(("tool", "observation"), TOOL),
    "system": SYSTEM,
}
KEYS = TurnKeys("from", "value", ROLES)


def _turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
    system = text_of(record.get("system"), "system", required=False)
    turns = turns_of(record[COLUMN], COLUMN, _keys(record[COLUMN]))
    return (Turn(SYSTEM, system), *turns) if system.strip() else turns


def _keys(value: object) -> TurnKeys:
    """The keys of ShareGPT, or those of chat rows where the first turn has them."""
    first = value[0] if isinstance(value, list) and value else None
    return messages.KEYS if isinstance(first, Mapping) and "role" in first else KEYS


SHAPE = Shape("ShareGPT", (COLUMN,), _turns, optional=("system",))

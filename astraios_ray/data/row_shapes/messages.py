"""Chat rows: ``messages``, each with a role and its content."""

from collections.abc import Mapping

from astraios_ray.data.row_shapes.shape import Shape
from astraios_ray.data.row_shapes.turn_lists import TurnKeys, turns_of
from astraios_ray.data.rows import ASSISTANT, SYSTEM, TOOL, USER, Turn

ROLES = {role: role for role in (SYSTEM, USER, ASSISTANT, TOOL)}
KEYS = TurnKeys("role", "content", ROLES)


def _turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
    return turns_of(record["messages"], "messages", KEYS)


SHAPE = Shape("chat", ("messages",), _turns)

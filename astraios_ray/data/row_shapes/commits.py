"""CommitPackFT's rows: the prompt is subject and old contents, the completion is the new contents.

As OctoPack joins them (dataset/oasst/add_commitpackft.py).
"""

from collections.abc import Mapping

from astraios_ray.data.row_shapes.shape import Shape, answered, text_of
from astraios_ray.data.rows import Turn, pair

COLUMNS = ("subject", "old_contents", "new_contents")


def _turns(record: Mapping[str, object]) -> tuple[Turn, ...]:
    subject, old, new = (text_of(record[column], column) for column in COLUMNS)
    return answered(pair(f"{subject}\n{old}", new), COLUMNS[0], COLUMNS[-1])


SHAPE = Shape("CommitPackFT", COLUMNS, _turns)

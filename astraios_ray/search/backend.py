"""What every backend promises: it carries leases and exams, and decides nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from astraios_ray.records import Exam, Score
from astraios_ray.search.trial_boards import Desks


class Backend(Protocol):
    """Where a study runs."""

    @property
    def lanes(self) -> int:
        """How many lanes are alive."""
        ...

    @property
    def links(self) -> Mapping[str, str]:
        """Title and address of what a user may look at meanwhile."""
        ...

    def train(self, desk: Desks, tick: Callable[[], None]) -> None:
        """Train until the desk is done, calling ``tick`` after everything that changes it.

        Raises LaneLost when no lane is left to train on.
        """
        ...

    def examine(self, exams: Sequence[Exam]) -> Iterator[tuple[Exam, Score | Exception]]:
        """Score every exam, in whatever order they finish. What broke one down takes its score's place."""
        ...

    def dismiss(self) -> None:
        """Say that nothing more will be asked. Does not wait for anybody."""
        ...

    def close(self) -> None:
        """Free everything. Leases that are out are lost; their checkpoints are not."""
        ...

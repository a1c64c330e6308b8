"""What every backend promises: it carries train_tasks and eval_tasks, and decides nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from astraios_ray.records import EvalTask, Score
from astraios_ray.search.trial_boards import TrialBoards


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

    def train(self, board: TrialBoards, tick: Callable[[], None]) -> None:
        """Train until the board is done, calling ``tick`` after everything that changes it.

        Raises LaneLost when no lane is left to train on.
        """
        ...

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Score every eval_task, in whatever order they finish. What broke one down takes its score's place."""
        ...

    def dismiss(self) -> None:
        """Say that nothing more will be asked. Does not wait for anybody."""
        ...

    def close(self) -> None:
        """Free everything. Leases that are out are lost; their checkpoints are not."""
        ...

"""What every backend promises: it runs train tasks and eval tasks, and decides nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from astraios_ray.records import EvalTask, Score
from astraios_ray.search.trial_board import TrialBoard


class Backend(Protocol):
    """Where a study runs."""

    @property
    def lanes(self) -> int:
        """How many lanes are alive."""
        ...

    @property
    def stopped_lanes(self) -> Mapping[str, float]:
        """The lanes that have work and have made no step for a minute, and for how many seconds."""
        ...

    @property
    def links(self) -> Mapping[str, str]:
        """Titles and addresses of pages that show the running search."""
        ...

    def train(self, board: TrialBoard, tick: Callable[[], None]) -> None:
        """Train until the board is done, calling ``tick`` after everything that changes it.

        Raises LaneLost when no lane is left to train on.
        """
        ...

    def examine(self, eval_tasks: Sequence[EvalTask]) -> Iterator[tuple[EvalTask, Score | Exception]]:
        """Score the eval tasks, in the order in which they finish; one that fails yields its exception."""
        ...

    def dismiss(self) -> None:
        """Tell the workers that no more work comes. Does not wait for them."""
        ...

    def close(self) -> None:
        """Free all resources. Running train tasks are lost; their checkpoints are not."""
        ...

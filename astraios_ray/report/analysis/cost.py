"""What quality costs: Pareto fronts, the cheapest trial near the best, and the cost of the study."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from astraios_ray.records import Cost, TrialResult
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, section

NEAR = 0.01  # one point below the best score, or 1 % above the lowest loss
HOUR = 3600.0  # seconds


@dataclass(frozen=True)
class CostAxis:
    """One kind of cost, lower is better. ``of`` is 0 where it was not measured."""

    key: str
    title: str
    of: Callable[[Cost], float]


WALL = CostAxis("seconds", "seconds", lambda cost: cost.seconds)
DEVICE = CostAxis("device_seconds", "device seconds", lambda cost: cost.device_seconds)
AXES = (
    CostAxis("trainable_parameters", "trainable parameters", lambda cost: cost.trainable_parameters),
    WALL,
    CostAxis("peak_memory_mib", "peak memory MiB", lambda cost: cost.peak_memory_mib),
    CostAxis("adapter_bytes", "adapter bytes", lambda cost: cost.adapter_bytes),
)


@dataclass(frozen=True)
class StudyCost:
    """What the whole study cost. ``price`` is in the currency of the price per hour; None without one."""

    hours: float  # wall time of everything the study ran on
    accelerator_hours: float | None  # None where the record does not say how many there were
    trial_hours: float  # training and validation of all trials; several share a machine at a time
    price: float | None


def time_axis(results: Iterable[TrialResult]) -> CostAxis:
    """Device seconds where all trials that trained have them; wall seconds depend on the machine's load."""
    costs = [result.cost for result in results if result.cost.seconds > 0]
    return DEVICE if costs and all(cost.device_seconds > 0 for cost in costs) else WALL


def axes_of(board: Leaderboard) -> tuple[CostAxis, ...]:
    """The kinds of cost by which this study's trials are ranked."""
    time = time_axis(board.record.results)
    return tuple(time if axis is WALL else axis for axis in AXES)


def loads(board: Leaderboard) -> tuple[float, float] | None:
    """The least and the greatest load per core under which a trial trained; None where none was recorded."""
    recorded = [result.cost.load for result in board.record.results if result.cost.load > 0]
    return (min(recorded), max(recorded)) if recorded else None


def front(
    rows: Sequence[LeaderboardRow], quality: Callable[[LeaderboardRow], float], axis: CostAxis
) -> tuple[LeaderboardRow, ...]:
    """The Pareto front of quality and cost on ``axis``, the cheapest row first.

    Rows of equal quality and cost all stay. Rows whose cost was not measured are left out.
    """
    candidates = [row for row in rows if axis.of(row.result.cost) > 0]
    by_cost = sorted(candidates, key=lambda row: (axis.of(row.result.cost), -quality(row)))
    frontier: list[LeaderboardRow] = []
    for row in by_cost:
        if not frontier or quality(row) > quality(frontier[-1]) or _same(row, frontier[-1], quality, axis):
            frontier.append(row)
    return tuple(frontier)


def comparable(board: Leaderboard) -> tuple[tuple[LeaderboardRow, ...], Callable[[LeaderboardRow], float]]:
    """The rows whose quality can be compared, and that quality, higher is better.

    Scored trials by score; where none was scored, those at full length by loss.
    """
    if board.scored:
        return board.scored, lambda row: row.value or 0.0
    return tuple(row for row in board.ranked if row.full_length), lambda row: -(row.validation_loss or 0.0)


def cheapest_near_best(
    board: Leaderboard,
    rows: Sequence[LeaderboardRow],
    quality: Callable[[LeaderboardRow], float],
    axis: CostAxis,
) -> LeaderboardRow | None:
    """The row with the lowest cost among those within one point (of loss: one per cent) of the best."""
    candidates = [row for row in rows if axis.of(row.result.cost) > 0]
    if not candidates:
        return None
    best = max(map(quality, rows))
    slack = NEAR if board.scored else NEAR * abs(best)
    near_best = [row for row in candidates if quality(row) >= best - slack - 1e-12]
    return min(near_best, key=lambda row: (axis.of(row.result.cost), -quality(row)), default=None)


def study_cost(board: Leaderboard, price_per_hour: float | None = None) -> StudyCost:
    """The hours of the study, and their price; ``price_per_hour`` is that of everything it ran on."""
    hours = board.record.seconds / HOUR
    count = _accelerators(board)
    return StudyCost(
        hours,
        None if count is None else hours * count,
        sum(result.cost.seconds for result in board.record.results) / HOUR,
        None if price_per_hour is None else hours * price_per_hour,
    )


def share_of(row: LeaderboardRow, board: Leaderboard) -> float:
    """The trial's part of the study: its training time over that of all trials."""
    time = time_axis(board.record.results)
    total = sum(time.of(result.cost) for result in board.record.results)
    return time.of(row.result.cost) / total if total else 0.0


def _same(
    one: LeaderboardRow, other: LeaderboardRow, quality: Callable[[LeaderboardRow], float], axis: CostAxis
) -> bool:
    return (quality(one), axis.of(one.result.cost)) == (quality(other), axis.of(other.result.cost))


def _accelerators(board: Leaderboard) -> float | None:
    lanes = section(board.record.config, "lanes")
    count, workers, gpus = (lanes.get(name) for name in ("count", "workers", "gpus"))
    if isinstance(count, int) and isinstance(workers, int) and isinstance(gpus, int | float) and gpus:
        return count * workers * gpus
    return None

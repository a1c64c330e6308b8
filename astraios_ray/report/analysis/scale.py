"""How methods compare as the base model grows: from studies of two or more base sizes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mode

from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, metric, score_of, section
from astraios_ray.report.statistics.agreement import Agreement, agreement
from astraios_ray.report.statistics.power_law import PowerLaw, Prediction, power_law
from astraios_ray.report.wording import finite

LOSS = "validation loss"
SAME = ("data", "ood", "training.max_steps", "training.batch_size", "losses")
"""Settings that must be equal in all studies, so that their losses differ by size alone."""


@dataclass(frozen=True)
class LossAtSize:
    """A method's lowest full-length loss on a base of ``size`` parameters, and where it was measured."""

    size: int
    loss: float
    study: str
    trial: str


@dataclass(frozen=True)
class LeftOut:
    """The loss at the largest size: as predicted from the smaller sizes, and as measured."""

    prediction: Prediction
    measurement: LossAtSize

    @property
    def error(self) -> float:
        """How far the predicted loss lies above (+) or below (-) the measured one, as a share of it."""
        return self.prediction.value / self.measurement.loss - 1

    @property
    def interval_holds(self) -> bool | None:
        """Whether the interval contains the measured loss; None where too few sizes give no interval."""
        span = self.prediction.interval
        return None if span is None else span[0] <= self.measurement.loss <= span[1]


@dataclass(frozen=True)
class Law:
    """One method across sizes, smallest first. ``fit`` is None of fewer than two sizes."""

    method: str
    points: tuple[LossAtSize, ...]
    fit: PowerLaw | None
    next: Prediction | None  # at the size asked for
    left_out: LeftOut | None  # None of fewer than three sizes


@dataclass(frozen=True)
class MethodOrder:
    """The methods' order by one quality at two sizes."""

    quality: str  # the validation loss, or the name of a task
    smaller: int
    larger: int
    methods: int  # that both sizes have
    agreement: Agreement | None  # None for fewer than 5 methods
    first: str  # the best method at the smaller size ...
    place: int  # ... and its place at the larger one
    gap: float  # how much worse it is there than the best: nats, or a share of problems


@dataclass(frozen=True)
class Scale:
    """Laws and orders of the methods over studies of several base sizes.

    ``sizes``: study -> parameters of its base, None where they were not recorded. ``different``: what is
    not the same in all studies, so that their losses follow no one law. ``at``: the size that
    losses are predicted for.
    """

    sizes: Mapping[str, int | None]
    different: tuple[str, ...]
    laws: tuple[Law, ...]
    orders: tuple[MethodOrder, ...]
    at: float | None


def scale(boards: Mapping[str, Leaderboard], at: float | None = None) -> Scale:
    """Put studies in the order of their base models' sizes.

    ``at`` is the size, in parameters, to predict losses for; None: as far above the largest as that is above
    the second largest. With fewer than two sizes there are no laws and no orders.
    """
    sizes = {name: base_parameters(board) for name, board in boards.items()}
    distinct_sizes = sorted({size for size in sizes.values() if size})
    if len(distinct_sizes) < 2:
        return Scale(sizes, (), (), (), None)
    at = at or distinct_sizes[-1] ** 2 / distinct_sizes[-2]
    different = _different(list(boards.values()))
    by_size = {
        size: {n: boards[n] for n, board_size in sizes.items() if board_size == size}
        for size in distinct_sizes
    }
    laws = () if different else _laws(by_size, at)
    return Scale(sizes, different, laws, tuple(_orders(by_size)), at)


def base_parameters(board: Leaderboard) -> int | None:
    """The parameters of the study's base model: as most trials recorded, or as a whole model has."""
    results = board.record.results
    counts = [r.cost.base_parameters for r in results if r.cost.base_parameters]
    whole_models = [r.cost.trainable_parameters for r in results if r.spec.traits.trains_whole_model]
    return mode(counts or list(filter(None, whole_models)) or [0]) or None


def lowest(board: Leaderboard, method: str) -> LeaderboardRow | None:
    """The method's row of lowest loss at full length."""
    rows = [row for row in board.ranked if row.method == method and row.full_length and row.validation_loss]
    return min(rows, key=lambda row: row.validation_loss or 0.0, default=None)


def _different(boards: Sequence[Leaderboard]) -> tuple[str, ...]:
    return tuple(name for name in SAME if any(_set(b, name) != _set(boards[0], name) for b in boards))


def _set(board: Leaderboard, name: str) -> object:
    block, _, key = name.partition(".")
    config = board.record.config
    return section(config, block).get(key) if key else config.get(block)


def _laws(by_size: Mapping[int, Mapping[str, Leaderboard]], at: float) -> tuple[Law, ...]:
    names = dict.fromkeys(m for boards in by_size.values() for b in boards.values() for m in b.methods)
    by_method = {name: _points(by_size, name) for name in names}
    return tuple(_law(name, points, at) for name, points in by_method.items() if points)


def _points(by_size: Mapping[int, Mapping[str, Leaderboard]], method: str) -> tuple[LossAtSize, ...]:
    points = []
    for size, boards in by_size.items():
        rows = [(name, row) for name, board in boards.items() if (row := lowest(board, method))]
        measurements = [LossAtSize(size, row.validation_loss or 0.0, name, row.trial) for name, row in rows]
        points += [min(measurements, key=lambda point: point.loss)] if measurements else []
    return tuple(points)


def _law(method: str, points: tuple[LossAtSize, ...], at: float) -> Law:
    fit = _fit(points)
    smaller_fit = _fit(points[:-1])
    left_out = LeftOut(smaller_fit.at(points[-1].size), points[-1]) if smaller_fit else None
    return Law(method, points, fit, fit.at(at) if fit else None, left_out)


def _fit(points: Sequence[LossAtSize]) -> PowerLaw | None:
    return power_law([point.size for point in points], [point.loss for point in points])


def _orders(by_size: Mapping[int, Mapping[str, Leaderboard]]) -> list[MethodOrder]:
    tasks = dict.fromkeys(t for boards in by_size.values() for b in boards.values() for t in b.tasks)
    orders = []
    for quality in (LOSS, *tasks):
        qualities = {size: _qualities(boards.values(), quality) for size, boards in by_size.items()}
        for smaller, larger in combinations(by_size, 2):
            orders.append(_order(quality, (smaller, larger), qualities[smaller], qualities[larger]))
    return [order for order in orders if order]


def _order(
    quality: str, sizes: tuple[int, int], small: Mapping[str, float], large: Mapping[str, float]
) -> MethodOrder | None:
    common = [method for method in small if method in large]
    if len(common) < 2:
        return None
    first = max(common, key=lambda method: small[method])
    place = 1 + sum(large[method] > large[first] for method in common)
    gap = max(large[method] for method in common) - large[first]
    rank_agreement = agreement([small[m] for m in common], [large[m] for m in common])
    return MethodOrder(quality, *sizes, len(common), rank_agreement, first, place, gap)


def _qualities(boards: Iterable[Leaderboard], quality: str) -> dict[str, float]:
    """The best of every method that has it, higher is better: minus the loss, or what ranks the task."""
    best: dict[str, float] = {}
    for board in boards:
        for row in board.ranked:
            value = _loss(row) if quality == LOSS else _score(row, quality)
            if value is not None:
                best[row.method] = max(value, best.get(row.method, value))
    return best


def _loss(row: LeaderboardRow) -> float | None:
    loss = finite(row.validation_loss) if row.full_length else None
    return None if loss is None else -loss


def _score(row: LeaderboardRow, task: str) -> float | None:
    score = score_of(row.result.scores, task)
    return metric(score, score.ranking) if score else None

"""The best configurations of one study as the first points of another, usually on a larger model."""

from dataclasses import asdict

from astraios_ray.errors import ConfigError
from astraios_ray.records import Value
from astraios_ray.report.analysis.leaderboard import Leaderboard, LeaderboardRow, section

Configuration = dict[str, Value]


def first_points(board: Leaderboard) -> list[Configuration]:
    """The best trial of every method as an entry of ``enqueue``, the best method first.

    An entry holds the method, its hyperparameters and its learning rate, and those other recipe settings
    that the study gives that method a value or a range for. Empty where nothing can be ranked. Raises
    ConfigError for results of another tool, which do not say their settings.
    """
    if board.record.config.get("losses") == "training":
        raise ConfigError(f"{board.record.folder}: results of another tool do not say all their settings.")
    best = [row for row in board.best_per_method.values() if row and row.rank is not None]
    return [_configuration(board, row) for row in sorted(best, key=lambda row: row.rank or 0)]


def _configuration(board: Leaderboard, row: LeaderboardRow) -> Configuration:
    config, spec = board.record.config, row.result.spec
    block = section(config, "methods").get(row.method) or {}
    settings = {**section(config, "defaults"), **block}
    recipe = {
        name: value for name, value in asdict(spec.recipe).items() if name in (*settings, "learning_rate")
    }
    return {"method": row.method, **spec.hyperparameters, **recipe}

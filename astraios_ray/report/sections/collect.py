"""All parts of a report, in the order in which a reader asks."""

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.sections.card import card_section
from astraios_ray.report.sections.cost import cost_section
from astraios_ray.report.sections.fairness import fairness_section
from astraios_ray.report.sections.method_comparison import methods_section
from astraios_ray.report.sections.overall import overall_section
from astraios_ray.report.sections.proxy import proxy_section
from astraios_ray.report.sections.pruning import pruning_section
from astraios_ray.report.sections.robustness import robustness_section
from astraios_ray.report.sections.section import Section
from astraios_ray.report.sections.security import security_section
from astraios_ray.report.sections.seeds import seeds_section
from astraios_ray.report.sections.settings import settings_section
from astraios_ray.report.sections.training_sets import training_sets_section


def sections(board: Leaderboard, price_per_hour: float | None = None) -> tuple[Section, ...]:
    """Every part that the study has something to say in; none before its first trial.

    ``price_per_hour`` is that of everything the study ran on, in any currency.
    """
    if not board.rows:
        return ()
    parts = (
        methods_section(board),
        fairness_section(board),
        overall_section(board),
        training_sets_section(board),
        proxy_section(board),
        seeds_section(board),
        pruning_section(board),
        robustness_section(board),
        security_section(board),
        cost_section(board, price_per_hour),
        card_section(board),
        settings_section(board),
    )
    return tuple(part for part in parts if part is not None)

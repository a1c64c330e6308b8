"""What stopping trials early has cost."""

from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.pruning import Regret, regret, rung_agreements, stopped
from astraios_ray.report.sections.agreements import COLUMNS, cells, spearman
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.agreement import Agreement
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import listed, plural

TITLE = "Was it right to stop trials early?"


def pruning_section(board: Leaderboard) -> Section | None:
    """Regret by audited losers, and how well each rung foretells the end. None when nothing was stopped."""
    found, many = regret(board), stopped(board)
    if not many and found is None:
        return None
    rungs = rung_agreements(board)
    sentences = (*_regret(found, many), *_worst(rungs))
    shown = tuple([("Loss at a rung beside the last loss", _table(rungs))] if any(rungs.values()) else [])
    values = {"regret": _plain(found), "rungs": {step: one and asdict(one) for step, one in rungs.items()}}
    notes = ("Of trials that finished: those kept at every rung, and losers that were audited.",)
    return Section("pruning", TITLE, sentences, shown, notes if shown else (), values)


def _regret(found: Regret | None, many: int) -> list[str]:
    if found is None:
        return [
            f"Not known: {plural(many, 'trial')} stopped, and no loser was allowed to finish beside one that "
            "was kept. `early_stop.audit_fraction` lets some."
        ]
    said = f"Of {plural(found.losers, 'loser')}, {found.audited} were allowed to finish"
    if found.audited == 1:
        said = f"Of {plural(found.losers, 'loser')}, 1 was allowed to finish"
    if not found.better:
        end = (
            f"and none ended below the best trial kept; at 95 % at most {100 * found.most:.0f} % of losers "
            "could have."
        )
    else:
        end = (
            f"and {found.better} ended below the best trial kept, by up to {found.loss:.4f} nats per token: "
            "stop later (`early_stop.grace`) or keep more (`early_stop.reduction`)."
        )
    return [f"{said}, {end}", *_by_score(found), *_by_method(found)]


def _by_score(found: Regret) -> list[str]:
    if found.score is None:
        return []
    if not found.score:
        return ["None of those scored above the best trial kept."]
    return [f"By score, the best of those is {100 * found.score:.1f} points above the best trial kept."]


def _by_method(found: Regret) -> list[str]:
    names = [
        f"{method} ({loser.trial} {loser.validation_loss:.4f}, kept {kept.trial} {kept.validation_loss:.4f})"
        for method, (loser, kept) in found.methods.items()
    ]
    return [f"Within its method an audited loser ended below every trial kept: {listed(names)}."] * bool(
        names
    )


def _worst(rungs: dict[int, Agreement | None]) -> list[str]:
    first = next(((step, one) for step, one in rungs.items() if one), None)
    if first is None:
        return []
    step, one = first
    found = spearman(one, f", Spearman, {plural(one.count, 'trial')}")
    return [f"The order at step {step} agrees with the last by {found}."]


def _table(rungs: dict[int, Agreement | None]) -> Table:
    lines = [[Cell(f"step {step}", step), *cells(one)] for step, one in rungs.items()]
    return table([("rung", False), *COLUMNS], lines)


def _plain(found: Regret | None) -> dict[str, object] | None:
    if found is None:
        return None
    pairs = {m: [loser.trial, kept.trial] for m, (loser, kept) in found.methods.items()}
    return {**{name: value for name, value in vars(found).items() if name != "methods"}, "methods": pairs}

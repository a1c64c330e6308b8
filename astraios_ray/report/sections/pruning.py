"""What stopping trials early has cost."""

from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.analysis.pruning import (
    Regret,
    RungAgreement,
    regret,
    rung_agreements,
    stopped,
    stopped_by_budget,
)
from astraios_ray.report.sections.agreements import COLUMNS, cells, spearman
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import listed, plural

TITLE = "Was it right to stop trials early?"


def pruning_section(board: Leaderboard) -> Section | None:
    """Regret by audited losers, and how well each rung foretells the end. None when nothing was stopped."""
    audit, stopped_count = regret(board), stopped(board)
    if not stopped_count and audit is None:
        return None
    rungs = rung_agreements(board)
    sentences = (*_regret(audit, stopped_count), *_spent(board), *_worst(rungs))
    measured = any(rung.pooled for rung in rungs.values())
    tables = (("Loss at a rung beside the last loss", _table(rungs)),) * measured
    values = {
        "regret": _plain(audit),
        "rungs": {step: rung.pooled and asdict(rung.pooled) for step, rung in rungs.items()},
        "rungs_within_methods": {step: rung.within and asdict(rung.within) for step, rung in rungs.items()},
    }
    notes = ("Of trials that finished: those kept at every rung, and losers that were audited.",)
    return Section("pruning", TITLE, sentences, tables, notes if tables else (), values)


def _regret(audit: Regret | None, stopped_count: int) -> list[str]:
    if audit is None:
        return [
            f"Not known: {plural(stopped_count, 'trial')} stopped, and no loser was allowed to finish beside "
            "one that was kept. `early_stop.audit_fraction` lets some."
        ]
    opening = f"Of {plural(audit.losers, 'loser')}, {audit.audited} were allowed to finish"
    if audit.audited == 1:
        opening = f"Of {plural(audit.losers, 'loser')}, 1 was allowed to finish"
    if not audit.better:
        end = (
            f"and none ended below the best trial kept; at 95 % at most {100 * audit.most:.0f} % of losers "
            "could have."
        )
    else:
        end = (
            f"and {audit.better} ended below the best trial kept, by up to {audit.loss:.4f} nats per token: "
            f"{_advice(audit)}"
        )
    return [f"{opening}, {end}", *_by_score(audit), *_by_method(audit)]


def _advice(audit: Regret) -> str:
    if not audit.by_luck:
        return "stop later (`early_stop.grace`) or keep more (`early_stop.reduction`)."
    if audit.luck.measured:
        return (
            f"no more than two seeds of one configuration differ ({audit.luck.loss:.4f}), so it may be luck."
        )
    return (
        f"no more than the {audit.luck.loss:.4f} (1 % of the loss) that two seeds are taken to differ by, so "
        "it may be luck. `evaluate.seeds` measures how far they differ."
    )


def _spent(board: Leaderboard) -> list[str]:
    count = stopped_by_budget(board)
    verb = "is no loser" if count == 1 else "are no losers"
    return [f"{plural(count, 'trial')} stopped when the budget was spent {verb}."] * bool(count)


def _by_score(audit: Regret) -> list[str]:
    if audit.score is None:
        return []
    if not audit.score:
        return ["None of those scored above the best trial kept."]
    return [f"By score, the best of those is {100 * audit.score:.1f} points above the best trial kept."]


def _by_method(audit: Regret) -> list[str]:
    names = [
        f"{method} ({loser.trial} {loser.validation_loss:.4f}, kept {best.trial} {best.validation_loss:.4f})"
        for method, (loser, best) in audit.methods.items()
    ]
    return [f"Within its method an audited loser ended below every trial kept: {listed(names)}."] * bool(
        names
    )


def _worst(rungs: dict[int, RungAgreement]) -> list[str]:
    """The first rung that can be held against the end: where most trials are stopped."""
    for step, rung in rungs.items():
        if rung.pooled:
            words = spearman(rung.pooled, f", Spearman, {plural(rung.pooled.count, 'trial')}")
            within = spearman(rung.within) if rung.within else "not known, for want of finished trials"
            return [f"The order at step {step} agrees with the last by {words}; within methods: {within}."]
    return []


def _table(rungs: dict[int, RungAgreement]) -> Table:
    lines = [
        [Cell(f"step {step}", step), Cell(trials), *cells(order)]
        for step, rung in rungs.items()
        for trials, order in (("all", rung.pooled), ("within methods", rung.within))
    ]
    return table([("rung", False), ("trials", False), *COLUMNS], lines)


def _plain(audit: Regret | None) -> dict[str, object] | None:
    if audit is None:
        return None
    pairs = {m: [loser.trial, best.trial] for m, (loser, best) in audit.methods.items()}
    return {**vars(audit), "luck": asdict(audit.luck), "methods": pairs}

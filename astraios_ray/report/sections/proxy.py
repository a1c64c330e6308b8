"""How far validation loss may be trusted to choose a method."""

from collections.abc import Sequence
from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard, section
from astraios_ray.report.analysis.loss_as_proxy import (
    ENOUGH,
    Misranked,
    Proxy,
    Trust,
    misranked,
    price_of_trusting,
    proxies,
)
from astraios_ray.report.sections.agreements import COLUMNS, cells, spearman
from astraios_ray.report.sections.conclusion import misranked_words
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.agreement import FEWEST, Agreement
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import listed, plural

TITLE = "Can the validation loss be trusted?"


def proxy_section(board: Leaderboard) -> Section:
    """Rank agreement of loss and every score, in a verdict a reader can act on."""
    by_metric = proxies(board)
    ranking = (board.task, board.ranking)
    first = next((proxy for proxy in by_metric if (proxy.task, proxy.metric) == ranking), None)
    if first is None:
        text = (
            "Not known: no trial was scored. Score some (`evaluate.tasks`), also some with a middling loss."
        )
        return Section("proxy", TITLE, (text,), values={"trust": Trust.UNKNOWN.value, "agreements": []})
    misrankings = misranked(board)
    tables = tuple(
        [("Loss beside every score", _table(by_metric))] if any(proxy.pooled for proxy in by_metric) else []
    )
    return Section(
        "proxy",
        TITLE,
        (_answer(first, misrankings), *_price(board), *misranked_words(board)),
        tables,
        _notes(board, by_metric),
        {
            "trust": first.trust.value,
            "more_trials": first.missing,
            "agreements": [asdict(proxy) for proxy in by_metric],
            "misranked": [asdict(misranking) for misranking in misrankings],
        },
    )


def _answer(first: Proxy, misrankings: Sequence[Misranked]) -> str:
    score = _named(first)
    if first.pooled is None:
        missing_trials = max(1, FEWEST - first.count)
        return (
            f"Not known: {plural(first.count, 'trial')} at full length with {score} say nothing of ranks. "
            f"Evaluate {plural(missing_trials, 'more trial')} at least."
        )
    finding = (
        f"over {plural(first.count, 'trial')}, Spearman's rank correlation with {score} is "
        f"{spearman(first.pooled)}, {_within(first.within)}{_nearest(first.nearest)}"
    )
    if first.trust is Trust.YES and misrankings:
        names = listed([misranking.method for misranking in misrankings])
        return f"Trust it within a method, and not to compare {names} with others: {finding}."
    if first.trust is Trust.YES:
        return f"Trust it to choose what is worth scoring: {finding}."
    if first.trust is Trust.NO:
        return (
            f"Do not trust it: {finding}, too little to choose by. Score every trial (`evaluate.which: all`)."
        )
    return f"Not known: {finding}. {_advice(first)}"


def _within(within: Agreement | None) -> str:
    if within is None:
        return "which may be the distance of the methods alone: too few are scored to say it within methods"
    return f"and {spearman(within)} within methods"


def _nearest(nearest: Agreement | None) -> str:
    return "" if nearest is None else f", {spearman(nearest)} among the {nearest.count} of lowest loss"


def _advice(first: Proxy) -> str:
    if first.within is None:
        return "Evaluate several trials of each method (`evaluate.which: all`) to know it within methods."
    amount = f"about {plural(first.missing, 'more trial')}" if first.missing else "many more trials"
    return f"Evaluate {amount} to know whether both exceed {ENOUGH}."


def _price(board: Leaderboard) -> list[str]:
    price = price_of_trusting(board)
    if price is None:
        return []
    row, gap = price
    if not gap:
        return [f"The trial with the lowest loss ({row.method}, {row.trial}) is also the best by score."]
    return [
        f"Choosing by loss alone would have taken {row.method} ({row.trial}), "
        f"{100 * gap:.1f} points below the best."
    ]


def _notes(board: Leaderboard, by_metric: tuple[Proxy, ...]) -> tuple[str, ...]:
    notes = [
        "1: the lower loss always has the higher score; 0: no relation. Only losses at full length count. "
        "95 % intervals by bootstrap over trials.",
        "Within methods: by ranks among a method's own trials, all methods together. Methods that are far "
        "apart make the correlation over all trials high, whatever loss says within them.",
    ]
    if section(board.record.config, "evaluate").get("which") == "finalists":
        notes.append(
            "The scored trials were mostly chosen by loss, so they are alike and the correlation over all "
            "trials is probably higher."
        )
    sparse = [name for name in board.methods if not any(name in proxy.methods for proxy in by_metric)]
    if sparse:
        notes.append(f"Fewer than {FEWEST} scored trials, so no correlation within: {', '.join(sparse)}.")
    return tuple(notes)


def _table(by_metric: tuple[Proxy, ...]) -> Table:
    lines = []
    for proxy in by_metric:
        orders = {"all": proxy.pooled, "within methods": proxy.within, "the lowest losses": proxy.nearest}
        groups = {**orders, **proxy.methods}
        lines += [
            [Cell(_named(proxy)), Cell(group), *cells(agreement)]
            for group, agreement in groups.items()
            if agreement
        ]
    return table([("score", False), ("trials of", False), *COLUMNS], lines)


def _named(proxy: Proxy) -> str:
    return f"{proxy.metric.replace('_at_', '@')} on {proxy.task}"

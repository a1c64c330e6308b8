"""How far validation loss may be trusted to choose a method."""

from dataclasses import asdict

from astraios_ray.report.analysis.leaderboard import Leaderboard, section
from astraios_ray.report.analysis.loss_as_proxy import (
    ENOUGH,
    Proxy,
    Trust,
    misranked,
    price_of_trusting,
    proxies,
)
from astraios_ray.report.sections.agreements import COLUMNS, cells, spearman
from astraios_ray.report.sections.conclusion import misranked_words
from astraios_ray.report.sections.section import Section, table
from astraios_ray.report.statistics.agreement import FEWEST
from astraios_ray.report.tables import Cell, Table
from astraios_ray.report.wording import plural

TITLE = "Can the validation loss be trusted?"


def proxy_section(board: Leaderboard) -> Section:
    """Rank agreement of loss and every score, in a verdict a reader can act on."""
    found = proxies(board)
    first = next((each for each in found if (each.task, each.metric) == (board.task, board.ranking)), None)
    if first is None:
        text = (
            "Not known: no trial was scored. Score some (`evaluate.tasks`), also some with a middling loss."
        )
        return Section("proxy", TITLE, (text,), values={"trust": Trust.UNKNOWN.value, "agreements": []})
    wrong = misranked(board)
    shown = tuple([("Loss beside every score", _table(found))] if any(each.pooled for each in found) else [])
    return Section(
        "proxy",
        TITLE,
        (_answer(first), *_price(board), *misranked_words(board)),
        shown,
        _notes(board, found),
        {
            "trust": first.trust.value,
            "more_trials": first.missing,
            "agreements": [asdict(each) for each in found],
            "misranked": [asdict(each) for each in wrong],
        },
    )


def _answer(first: Proxy) -> str:
    of = _named(first)
    if first.pooled is None:
        needed = max(1, FEWEST - first.count)
        return (
            f"Not known: {plural(first.count, 'trial')} at full length with {of} say nothing of ranks. "
            f"Evaluate {plural(needed, 'more trial')} at least."
        )
    has = (
        f"over {plural(first.count, 'trial')}, Spearman's rank correlation with {of} is "
        f"{spearman(first.pooled)}"
    )
    if first.trust is Trust.YES:
        return f"Trust it to choose what is worth scoring: {has}."
    if first.trust is Trust.NO:
        return f"Do not trust it: {has}, too little to choose by. Score every trial (`evaluate.which: all`)."
    more = f"about {plural(first.missing, 'more trial')}" if first.missing else "many more trials"
    return f"Not known: {has}. Evaluate {more} to know whether it exceeds {ENOUGH}."


def _price(board: Leaderboard) -> list[str]:
    found = price_of_trusting(board)
    if found is None:
        return []
    row, lost = found
    if not lost:
        return [f"The trial with the lowest loss ({row.method}, {row.trial}) is also the best by score."]
    return [
        f"Choosing by loss alone would have taken {row.method} ({row.trial}), "
        f"{100 * lost:.1f} points below the best."
    ]


def _notes(board: Leaderboard, found: tuple[Proxy, ...]) -> tuple[str, ...]:
    notes = [
        "1: the lower loss always has the higher score; 0: no relation. Only losses at full length count. "
        "95 % intervals by bootstrap over trials."
    ]
    if section(board.record.config, "evaluate").get("which") == "finalists":
        notes.append(
            "The scored trials were mostly chosen by loss, so they are alike and the correlation over all "
            "trials is probably higher."
        )
    few = [name for name in board.methods if not any(name in each.methods for each in found)]
    if few:
        notes.append(f"Fewer than {FEWEST} scored trials, so no correlation within: {', '.join(few)}.")
    return tuple(notes)


def _table(found: tuple[Proxy, ...]) -> Table:
    lines = []
    for each in found:
        of = {"all": each.pooled, **each.methods}
        lines += [[Cell(_named(each)), Cell(who), *cells(one)] for who, one in of.items() if one]
    return table([("score", False), ("trials of", False), *COLUMNS], lines)


def _named(each: Proxy) -> str:
    return f"{each.metric.replace('_at_', '@')} on {each.task}"

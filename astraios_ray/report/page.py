"""The report's page: one HTML file that needs nothing else."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from astraios_ray.report import plots
from astraios_ray.report.commands import commands
from astraios_ray.report.document import provenance
from astraios_ray.report.leaderboard import Leaderboard
from astraios_ray.report.plots import Picture
from astraios_ray.report.relations import loss_against_rate, loss_against_score
from astraios_ray.report.sections.section import Section
from astraios_ray.report.tables import broken, footnotes, methods_table, trials_table
from astraios_ray.report.verdict import ranking, verdict, warnings
from astraios_ray.report.wording import count, duration


def page(board: Leaderboard, sections: Sequence[Section] = ()) -> str:
    """The whole page. The same record gives the same bytes; everything that came from it is escaped."""
    script = _read("page.js")
    return _environment().from_string(_read("page.html.j2")).render(
        board=board,
        record=board.record,
        verdict=_unbroken(verdict(board)),
        ranking=ranking(board),
        warnings=[_unbroken(warning) for warning in warnings(board)],
        methods=methods_table(board),
        trials=trials_table(board),
        footnotes=footnotes(board),
        broken=broken(board),
        sections=sections,
        pictures=_pictures(board),
        curves=plots.loss_curves(board),
        legend=plots.legend(board),
        commands=commands(board.record),
        facts=_facts(board),
        packages=sorted(board.record.provenance.packages.items()),
        standing=_standing(board),
        seeds=_seeds(board),
        style=Markup(_read("page.css")),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip


def _pictures(board: Leaderboard) -> dict[str, list[Picture]]:
    """The pictures of each part, by its key."""
    return {
        "proxy": loss_against_score(board),
        "cost": plots.quality_against_size(board),
        "settings": loss_against_rate(board),
    }


def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["unbroken"] = _unbroken
    environment.filters["picture"] = lambda picture: Markup(picture.svg)
    return environment


def _unbroken(text: str) -> str:
    """``text`` that no line ends between a number and its percent sign."""
    return text.replace(" %", "\u00a0%")


def _standing(board: Leaderboard) -> str:
    ended = sum(row.result.state.ended for row in board.rows)
    complete = "complete" if board.record.complete else "not complete"
    return (
        f"{complete} · {count(ended)} of {count(len(board.rows))} started trials ended · "
        f"{count(len(board.scored))} scored · {duration(board.record.seconds)}"
    )


def _seeds(board: Leaderboard) -> str:
    seeds = sorted({row.result.spec.seed for row in board.rows})
    if len(seeds) == 1:
        return f"{seeds[0]} only, so how far another seed would move the numbers is not known"
    return ", ".join(map(str, seeds))


def _facts(board: Leaderboard) -> list[tuple[str, str]]:
    """What produced the study, as lines of the footer."""
    known = provenance(board.record)
    commit = known["git_commit"]
    dirty = " with uncommitted changes" if known["git_dirty"] else ""
    lines = [
        ("Model", _pairs(known["model"])),
        ("Data", _pairs(known["data"])),
        ("Sandbox", " · ".join(map(_pairs, known["sandboxes"])) or "no program was judged"),
        ("Commit", f"{commit}{dirty}" if commit else "not recorded"),
        ("Machine", known["machine"]),
        ("Python", known["python"]),
        ("Run folder", board.record.folder),
    ]
    return [(name, text) for name, text in lines if text]


def _pairs(values: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)


def _read(name: str) -> str:
    return resources.files("astraios_ray.report").joinpath(name).read_text(encoding="utf-8")

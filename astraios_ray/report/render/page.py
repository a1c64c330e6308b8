"""The report's page: one HTML file that needs nothing else."""

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from astraios_ray.report.analysis.leaderboard import Leaderboard
from astraios_ray.report.render import plots
from astraios_ray.report.render.bars import card_pictures, robustness_pictures, security_pictures
from astraios_ray.report.render.commands import commands
from astraios_ray.report.render.document import provenance
from astraios_ray.report.render.parallel_coordinates import parallel_coordinates
from astraios_ray.report.render.plots import Picture
from astraios_ray.report.render.relations import loss_against_others, loss_against_rate, loss_against_score
from astraios_ray.report.sections.conclusion import ranking, verdict, warnings
from astraios_ray.report.sections.section import Section
from astraios_ray.report.tables import broken_trials, footnotes, methods_table, trials_table
from astraios_ray.report.wording import count, duration, unbroken

Pictures = Mapping[str, Sequence[tuple[str, Sequence[Picture]]]]  # part -> groups, each with its title
TRIAL = re.compile(r"\b(t\d{4,})\b")  # as records.TrialSpec.id writes it


def page(board: Leaderboard, sections: Sequence[Section], groups: Pictures) -> str:
    """The whole page, with what ``pictures`` drew.

    The same record gives the same bytes; everything that came from it is escaped.
    """
    templates = environment({row.trial for row in board.rows}, board.record.runs)
    return templates.get_template("page.html.j2").render(
        board=board,
        record=board.record,
        verdict=verdict(board),
        ranking=ranking(board),
        warnings=warnings(board),
        methods=methods_table(board),
        trials=trials_table(board),
        footnotes=footnotes(board),
        broken=broken_trials(board),
        sections=sections,
        pictures=groups,
        curves=groups.get("curves", []),
        legend=plots.legend(board),
        commands=commands(board.record),
        facts=_facts(board),
        packages=sorted(board.record.provenance.packages.items()),
        progress=_progress(board),
        seeds=_seeds(board),
        **furniture(),
    )  # fmt: skip


def pictures(board: Leaderboard) -> Pictures:
    """The pictures of each part, by its key, in groups with titles."""
    parts = {
        "proxy": [("Score by validation loss", loss_against_score(board))],
        "cost": [("Quality by size", plots.quality_against_size(board))],
        "robustness": [("Worst case by method", robustness_pictures(board))],
        "security": [("What becomes of the samples", security_pictures(board))],
        "card": [("Cards", card_pictures(board))],
        "settings": [
            ("Last loss by learning rate", loss_against_rate(board)),
            ("Last loss by other parameters", loss_against_others(board)),
            ("Every parameter together", parallel_coordinates(board)),
        ],
        "curves": [("Validation loss by step", plots.loss_curves(board))],
    }
    return {key: [(title, group) for title, group in groups if group] for key, groups in parts.items()}


def environment(trials: Collection[str] = (), runs: Mapping[str, str] | None = None) -> Environment:
    """Templates of this folder; whatever they are given is escaped, but for pictures.

    ``trials`` are the ids that link to their lines on the page; ``runs``: trial -> its address in a tracker.
    """
    templates = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_resource),
    )
    templates.filters["unbroken"] = unbroken
    templates.filters["linked"] = lambda text: linked(unbroken(text), trials)
    templates.filters["trial"] = lambda line: next((cell.text for cell in line if cell.text in trials), None)
    templates.filters["run"] = (runs or {}).get
    templates.filters["picture"] = lambda picture: Markup(picture.svg)
    return templates


def furniture() -> dict[str, str]:
    """What every page has in its head and at its end: style, script, and the script's hash."""
    script = _resource("page.js")
    digest = hashlib.sha256(script.encode()).digest()
    return {
        "style": Markup(_resource("page.css")),
        "script": Markup(script),
        "script_hash": base64.b64encode(digest).decode(),
    }


def linked(text: str, trials: Collection[str]) -> Markup:
    """``text`` escaped, every trial's id in it a link to the trial's line."""
    parts = (
        Markup('<a href="#{0}">{0}</a>').format(part) if part in trials else escape(part)
        for part in TRIAL.split(text)
    )
    return Markup("").join(parts)


def _progress(board: Leaderboard) -> str:
    ended_count = sum(row.result.state.ended for row in board.rows)
    complete = "complete" if board.record.complete else "not complete"
    return (
        f"{complete} · {count(ended_count)} of {count(len(board.rows))} started trials ended · "
        f"{count(len(board.scored))} scored · {duration(board.record.seconds)}"
    )


def _seeds(board: Leaderboard) -> str:
    seeds = sorted({result.spec.seed for result in board.record.results})
    if len(seeds) == 1:
        return f"{seeds[0]} only, so how far another seed would move the numbers is not known"
    return ", ".join(map(str, seeds))


def _facts(board: Leaderboard) -> list[tuple[str, str]]:
    """What produced the study, as lines of the footer."""
    origin = provenance(board.record)
    commit = origin["git_commit"]
    dirty = " with uncommitted changes" if origin["git_dirty"] else ""
    lines = [
        ("Model", _pairs(origin["model"])),
        ("Data", _pairs(origin["data"])),
        ("Sandbox", " · ".join(map(_pairs, origin["sandboxes"])) or "no program was judged"),
        ("Commit", f"{commit}{dirty}" if commit else "not recorded"),
        ("Machine", origin["machine"]),
        ("Python", origin["python"]),
        ("Run folder", board.record.folder),
    ]
    return [(name, text) for name, text in lines if text]


def _pairs(values: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)


def _resource(name: str) -> str:
    return resources.files("astraios_ray.report").joinpath(name).read_text(encoding="utf-8")

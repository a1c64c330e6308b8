"""``astraios-ray status``: how far a study is, without disturbing its search."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from astraios_ray.cli.shared_options import json_option
from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.commands import commands
from astraios_ray.report.render.document import models
from astraios_ray.search.replay import ReplayedStudy, replay_folder
from astraios_ray.studies.run_folders import find_run
from astraios_ray.studies.run_lock import Holder, holder_of


@click.command()
@click.argument("run")
@json_option
def status(run: str, as_json: bool) -> None:
    """Say how far the study in RUN is: a run folder, or a study's name below ./runs.

    Reads only, and takes no lock: it works beside a running search and after a crash.
    """
    from astraios_ray.cli.status_text import as_text

    folder = find_run(run)
    study, holder = replay_folder(folder), holder_of(folder)
    summary = describe(study, holder)
    click.echo(json.dumps(summary, indent=2, allow_nan=False) if as_json else as_text(study, holder, summary))


def describe(study: ReplayedStudy, holder: Holder) -> dict[str, Any]:
    """The study's status as plain values. A number that was not measured, or is not finite, is null."""
    record, progress = study.record, study.progress
    board = models(leaderboard(record))
    exporting = [command.text for command in commands(record) if " export " in command.text]
    return {
        "study": record.name,
        "folder": record.folder,
        "complete": record.complete,
        "held": holder.holds,
        "holder": holder.words,
        "phase": progress.phase if progress else "setup",
        "planned": max(len(record.results), int(record.config["budget"]["trials"])),
        "trials": _states(study, holder),
        "rungs": [{"step": step, "trials": _arrived(record, step)} for step in study.rungs],
        "waits_for": progress.rung if progress and holder.holds else "",
        "base": board["base"],
        "methods": board["methods"],
        "scored": [
            {"trial": trial["trial"], "label": trial["label"], "scores": trial["scores"]}
            for trial in board["trials"]
            if trial["scores"]
        ],
        "seconds": record.seconds,
        "sessions": study.sessions,
        "search": goes_on(record.config, Path(record.folder)),
        "export": exporting[0] if exporting else None,
    }


def goes_on(config: Mapping[str, Any], folder: Path) -> str | None:
    """The command that goes on with the study, from the current folder; None when the folder was renamed.

    It names ``resolved.yaml``, the whole study with every ``--set`` that it was started with.
    """
    if folder.resolve().name != config["name"]:
        return None
    command = f"astraios-ray search {shlex.quote(str(folder / 'resolved.yaml'))}"
    if Path(str(config["output"])).resolve() == folder.resolve().parent:
        return command
    return f"{command} --set {shlex.quote(f'output={folder.resolve().parent}')}"


def _states(study: ReplayedStudy, holder: Holder) -> dict[str, int]:
    """Trials by state. Without a search at work, the trials that it was training count as paused."""
    states: dict[str, int] = {}
    for result in study.record.results:
        states[result.state.value] = states.get(result.state.value, 0) + 1
    running = study.progress.running if study.progress and holder.holds is not False else 0
    running = min(running, states.get("paused", 0))
    if running:
        states |= {"running": running, "paused": states["paused"] - running}
    return {state: number for state, number in sorted(states.items()) if number}


def _arrived(record: StudyRecord, step: int) -> int:
    return sum(bool(result.last and result.last.step >= step) for result in record.results)

"""How far a study is, without disturbing its search."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.render.commands import commands
from astraios_ray.report.render.document import models
from astraios_ray.search.replay import ReplayedStudy, replay_folder
from astraios_ray.studies.run import Run
from astraios_ray.studies.run_folders import find_run
from astraios_ray.studies.run_lock import Holder, holder_of


@dataclass(frozen=True)
class StudyStatus:
    """A study's status as plain values. A number that was not measured, or is not finite, is None."""

    study: str
    folder: str
    complete: bool
    held: bool | None  # whether a search is at work; None: nobody can say
    holder: str
    phase: str
    planned: int
    trials: Mapping[str, int]  # by state
    rungs: tuple[Mapping[str, int], ...]  # each step, and how many trials reached it
    waits_for: str
    base: Mapping[str, Any]
    methods: Mapping[str, Any]  # the best trial of each, as in leaderboard.json
    scored: tuple[Mapping[str, Any], ...]
    seconds: float
    sessions: int
    search: str | None  # the command that goes on; None where the folder was renamed
    export: str | None
    board: Leaderboard = field(repr=False)

    def document(self) -> dict[str, Any]:
        """The fields as plain values, without the whole leaderboard."""
        return {column.name: getattr(self, column.name) for column in fields(self) if column.repr}


def status(run: Run | Path | str) -> StudyStatus:
    """How far the study is: in a run folder, or of a name below ./runs.

    Takes no lock and writes nothing: it works beside a running search and after a crash. Raises ConfigError
    when there is none, TornFile when it is damaged.
    """
    folder = find_run(str(run))
    study, holder = replay_folder(folder), holder_of(folder)
    record, progress = study.record, study.progress
    board = leaderboard(record)
    best = models(board)
    exporting = [command.text for command in commands(record) if " export " in command.text]
    return StudyStatus(
        study=record.name,
        folder=record.folder,
        complete=record.complete,
        held=holder.holds,
        holder=holder.words,
        phase=progress.phase if progress else "setup",
        planned=max(len(record.results), int(record.config["budget"]["trials"])),
        trials=_states(study, holder),
        rungs=tuple({"step": step, "trials": _arrived(record, step)} for step in study.rungs),
        waits_for=progress.rung if progress and holder.holds else "",
        base=best["base"],
        methods=best["methods"],
        scored=tuple(
            {name: trial[name] for name in ("trial", "label", "scores")}
            for trial in best["trials"]
            if trial["scores"]
        ),
        seconds=record.seconds,
        sessions=study.sessions,
        search=goes_on(record.config, Path(record.folder)),
        export=exporting[0] if exporting else None,
        board=board,
    )


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

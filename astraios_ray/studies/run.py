"""A study in its run folder, as Python has it: trials in order, the best, the report."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.conditions import board_conditions
from astraios_ray.report.analysis.fairness import Fairness, fairness
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.render.commands import report_file
from astraios_ray.report.render.markdown import opening
from astraios_ray.studies.load_record import read_record
from astraios_ray.studies.report_page import ReportPage
from astraios_ray.studies.run_folders import is_run
from astraios_ray.studies.trial_rows import TrialRow, TrialRows


class Run:
    """What a study recorded up to the moment at which it was read. ``str`` of it is its folder."""

    def __init__(self, record: StudyRecord) -> None:
        self.record = record

    @property
    def name(self) -> str:
        """The study's name."""
        return self.record.name

    @property
    def folder(self) -> Path:
        """The run folder."""
        return Path(self.record.folder)

    @property
    def has_folder(self) -> bool:
        """Whether ``folder`` is a run folder; results of another tool are not in one."""
        return is_run(self.folder)

    @property
    def complete(self) -> bool:
        """Whether all trials and scores of the study are there."""
        return self.record.complete

    @cached_property
    def board(self) -> Leaderboard:
        """The whole leaderboard: with every record, the untuned base and the ranking task."""
        return leaderboard(self.record)

    @cached_property
    def fairness(self) -> Fairness:
        """The conditions under which each method competed, and a warning where they were unequal."""
        return fairness(board_conditions(self.board))

    @property
    def leaderboard(self) -> TrialRows:
        """Every trial, in order of rank."""
        return TrialRows(self.board)

    @property
    def best(self) -> TrialRow:
        """The first trial. Raises ConfigError when none can be ranked yet."""
        if not self.board.ranked:
            raise ConfigError(f"{self}: no trial can be ranked yet.")
        return self.leaderboard[0]

    @property
    def report(self) -> ReportPage:
        """The report's page, which a notebook shows. It is written when a search ends."""
        return ReportPage(Path(report_file(self.record)))

    def __str__(self) -> str:
        return self.record.folder

    def __repr__(self) -> str:
        state = "complete" if self.complete else "not complete"
        return f"<Run {self.name!r} in {self}: {len(self.record.results)} trials, {state}>"

    def _repr_markdown_(self) -> str:
        return "\n\n".join([*opening(self.board), self.leaderboard._repr_markdown_()])


def open_run(run: Run | Path | str) -> Run:
    """The study in a run folder, of a name below ./runs, or in results of peft's ``method_comparison``.

    Reads only, beside a running search too. Raises ConfigError when there is none, TornFile when it is
    damaged.
    """
    return run if isinstance(run, Run) else Run(read_record(str(run)))


def listed(runs: Sequence[Run | Path | str] | Run | Path | str) -> Sequence[Run | Path | str]:
    """The runs as a list; a single one is a list of one."""
    return [runs] if isinstance(runs, Run | Path | str) else runs

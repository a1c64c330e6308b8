"""The exact commands a user goes on with when a study has ended."""

import shlex
from dataclasses import dataclass
from pathlib import PurePath

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard


@dataclass(frozen=True)
class Command:
    """A title, and the text to type or the address to open."""

    title: str
    text: str

    @property
    def is_address(self) -> bool:
        """Whether ``text`` is a web address, not a command."""
        return self.text.startswith(("http://", "https://"))


def commands(record: StudyRecord) -> tuple[Command, ...]:
    """The record's links (MLflow, the dashboard), then ``export`` of the first trial if it can be exported.

    Commands hold for the folder the study was started in, to which ``record.folder`` is relative.
    """
    links = [Command(title, text) for title, text in record.links.items()]
    return (*links, *_goes_on(record), *_export(record))


def report_file(record: StudyRecord) -> str:
    """The path of the report's page."""
    return str(PurePath(record.folder) / "report" / "index.html")


def _goes_on(record: StudyRecord) -> list[Command]:
    if record.complete:
        return []
    return [Command("Where the study stands", f"astraios-ray status {shlex.quote(record.folder)}")]


def _export(record: StudyRecord) -> list[Command]:
    exportable = [row for row in leaderboard(record).ranked if row.result.checkpoint is not None]
    if not exportable:
        return []
    first = exportable[0]
    text = f"astraios-ray export {shlex.quote(record.folder)} {first.trial}"
    return [Command(f"Export the best trial ({first.method}, rank {first.rank})", text)]

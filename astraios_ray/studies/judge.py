"""Run programs that nobody trusts against their tests, in the sandbox."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from astraios_ray.displays.choose_display import lines_of
from astraios_ray.displays.display import Display
from astraios_ray.records import Outcome
from astraios_ray.sandbox.choose import choose_sandbox
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.packages import DEFAULT
from astraios_ray.sandbox.protocol import Execution
from astraios_ray.sandbox.self_test import check_language
from astraios_ray.studies.argument_ranges import check_whole
from astraios_ray.studies.judge_rows import JudgeRow, read_rows


@dataclass(frozen=True)
class JudgedProgram:
    """One program's verdict. Only ``passed`` counts as passed; ``unscored`` says that there is none."""

    id: str
    verdict: str
    detail: str
    wall_ms: float
    cpu_ms: float
    level: Any  # of the sandbox

    @property
    def unscored(self) -> bool:
        """Whether the sandbox broke three times, or the test cannot be run: nothing is known."""
        return self.verdict == Outcome.UNSCORED.value

    def document(self) -> dict[str, Any]:
        """The fields as plain values."""
        return asdict(self)


def judge(
    file: Path | str,
    *,
    language: str = "python",
    mode: str = "function",
    jobs: int | None = None,
    sandbox: str = "bubblewrap",
    sandbox_python: str = DEFAULT,
    consent: str | None = None,
    progress: bool | Display = False,
) -> Iterator[JudgedProgram]:
    """Judge the programs of a file of JSON lines (``-`` is standard input): verdicts as they come, in order.

    A row holds id, either program or prompt and completion, and what judges it: a function has a test, and
    in Python an entry_point; a program has stdin and expected. All rows are read and checked before any is
    run. ``sandbox_python`` is ``default``, ``numpy`` or the folder of a virtual environment whose packages
    programs and tests import. Raises DataError for bad rows, SandboxUnavailable where programs cannot be
    isolated, ConfigError for another folder.
    """
    check_whole("jobs", jobs)
    path = Path(file)
    rows = read_rows(path, language, mode)
    jail = choose_sandbox(sandbox, consent, path.name, sandbox_python)
    check_language(jail, language)
    ends = check_many(jail, [row.check for row in rows], jobs or len(os.sched_getaffinity(0)))
    return _verdicts(rows, ends, jail.describe()["level"], lines_of(progress))


def _verdicts(
    rows: Sequence[JudgeRow], ends: Iterator[Execution], level: Any, display: Display
) -> Iterator[JudgedProgram]:
    noted_at = monotonic()
    for number, (row, end) in enumerate(zip(rows, ends, strict=True), start=1):
        wall_ms, cpu_ms = round(1000 * end.wall_seconds, 1), round(1000 * end.cpu_seconds, 1)
        yield JudgedProgram(row.id, end.outcome.value, end.detail, wall_ms, cpu_ms, level)
        if monotonic() - noted_at > 1 or number == len(rows):
            noted_at = monotonic()
            display.note(f"judged {number} of {len(rows)}")

"""The report's files in the run folder."""

from pathlib import Path

from astraios_ray.atomic_file import replace_file
from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.render.document import leaderboard_json
from astraios_ray.report.render.markdown import markdown


def write_report(record: StudyRecord, folder: Path, price_per_hour: float | None = None) -> list[Path]:
    """Write ``leaderboard.json``, ``leaderboard.md`` and ``report/index.html`` below ``folder``; return them.

    The page's pictures are also single files in ``report/plots``, which is returned last where there are any.
    ``price_per_hour`` is that of everything the study ran on, in any currency.

    Each file is written under a temporary name and then renamed, so a reader never sees half of one. Raises
    OSError where ``folder`` cannot be written.
    """
    # imported here: matplotlib and scipy cost the terminal a second
    from astraios_ray.report.render.page import page, pictures
    from astraios_ray.report.render.plot_files import write_plots
    from astraios_ray.report.sections.collect import sections

    board = leaderboard(record)
    parts = sections(board, price_per_hour)
    content = leaderboard_json(board, parts) + "\n"
    groups = pictures(board)
    plots = write_plots(groups, folder / "report" / "plots")
    return [
        _put(folder / "leaderboard.json", content),
        _put(folder / "leaderboard.md", markdown(board, parts)),
        _put(folder / "report" / "index.html", page(board, parts, groups)),
        *([plots] if plots else []),
    ]


def _put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, text)
    return path

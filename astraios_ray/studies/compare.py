"""Studies side by side."""

from collections.abc import Sequence
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.report.sections.studies import Studies, side_by_side
from astraios_ray.studies.run import Run, listed, open_run


def compare(
    runs: Sequence[Run | Path | str],
    *,
    at: float | None = None,
    published: str | None = None,
    html: Path | str | None = None,
) -> Studies:
    """Each method's best in every study, and which differences are more than luck.

    ``runs`` are as for ``open_run``, two or more. ``at`` is the number of base parameters to predict losses
    for. ``published`` is a paper whose scores are laid beside, ``"astraios"``; then one run is enough.
    ``html`` is where the same is written as a page. Raises ConfigError for fewer runs, or for another paper.
    """
    runs = listed(runs)
    if len(set(map(str, runs))) < (1 if published else 2):
        raise ConfigError(
            f"Give two or more different runs; found {', '.join(map(str, runs))}. "
            "Beside `published` one is enough.",
            arguments=["published"],
        )
    studies = side_by_side([open_run(run).record for run in runs], at, published)
    if html is not None:
        from astraios_ray.report.render.studies_page import write_page  # matplotlib takes a second

        write_page(studies, Path(html))
    return studies

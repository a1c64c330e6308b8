"""Several studies as one page that needs nothing else."""

from pathlib import Path

from astraios_ray.report.render.laws_picture import laws_picture, legend
from astraios_ray.report.render.page import environment, furniture
from astraios_ray.report.sections.section import table
from astraios_ray.report.sections.studies import Studies, rows, sentences


def studies_page(studies: Studies) -> str:
    """The whole page. The same records give the same bytes; everything that came from them is escaped."""
    (first, *titles), *lines = rows(studies)
    return (
        environment()
        .get_template("studies.html.j2")
        .render(
            names=list(studies.boards),
            sentences=sentences(studies),
            methods=table([(first, False), *((title, False) for title in titles)], lines),
            parts=studies.sections,
            pictures=laws_picture(studies.scale),
            legend=legend(studies.scale),
            **furniture(),
        )
    )


def write_page(studies: Studies, path: Path) -> None:
    """Write the page; missing folders are made. Raises OSError where that is not allowed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(studies_page(studies), encoding="utf-8")

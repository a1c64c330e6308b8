"""The report's pictures as SVG files of their own, for a tracker or a slide."""

import re
from importlib import resources
from pathlib import Path

from astraios_ray.report.render.page import Pictures

SPACING = re.compile(r"[^a-z0-9]+")
VARIABLE = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
INK = "ink"  # what the page calls the colour of its text


def write_plots(pictures: Pictures, folder: Path) -> Path | None:
    """Write every picture into ``folder`` in the page's light colours, and remove those of an older report.

    Returns ``folder``; None where there is nothing to draw.
    """
    for old in folder.glob("*.svg"):
        old.unlink()
    named = [
        (f"{key}-{title}-{picture.title}", picture.svg)
        for key, groups in pictures.items()
        for title, group in groups
        for picture in group
    ]
    if not named:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    colors = _colors()
    for number, (name, svg) in enumerate(named, start=1):
        path = folder / f"{number:02d}-{SPACING.sub('-', name.lower()).strip('-')[:80]}.svg"
        path.write_text(_standalone(svg, colors), encoding="utf-8")
    return folder


def _standalone(svg: str, colors: dict[str, str]) -> str:
    """The picture with fixed colours and a white background, not hidden from screen readers."""
    text = svg.replace("currentColor", colors[INK])
    for name, color in colors.items():
        text = text.replace(f"var(--{name})", color)
    style = 'style="background: #ffffff; font-family: sans-serif"'
    return text.replace('<svg aria-hidden="true"', f"<svg {style}", 1)


def _colors() -> dict[str, str]:
    """The page's colours in light mode: the first block of its style sheet."""
    sheet = resources.files("astraios_ray.report").joinpath("page.css").read_text(encoding="utf-8")
    return dict(VARIABLE.findall(sheet.partition("}")[0]))

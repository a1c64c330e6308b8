"""The page of a report as a path that a notebook shows."""

import os
from html import escape
from pathlib import Path

from astraios_ray.errors import ConfigError

HEIGHT = 600  # pixels


class ReportPage(os.PathLike[str]):
    """The path of ``report/index.html``, for whatever takes a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"ReportPage({str(self.path)!r})"

    def _repr_html_(self) -> str:
        if not self.path.exists():
            raise ConfigError(f"{self.path}: no report yet; astraios_ray.write_report makes one at any time.")
        page = escape(self.path.read_text(encoding="utf-8"))
        return f'<iframe srcdoc="{page}" width="100%" height="{HEIGHT}" style="border: 0"></iframe>'

"""The address of each trial's run in MLflow's pages."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from astraios_ray.tracking.acknowledged import Acknowledged
from astraios_ray.tracking.events import SEARCH

SPOOL = "spool"


def acknowledged_file(spool: Path, uri: str) -> Path:
    """The file that says what the tracking server at ``uri`` has acknowledged of a spool."""
    return spool / f"acknowledged-{hashlib.sha256(uri.encode()).hexdigest()[:12]}.json"


def run_addresses(folder: Path, uri: str | None) -> dict[str, str]:
    """Trial id -> address of its run, for the runs that the server at ``uri`` has from a run folder.

    Empty for a database, which has no pages. Addresses hold no user and no password. Raises TornFile.
    """
    if uri is None or not uri.startswith(("http://", "https://")):
        return {}
    runs = Acknowledged.load(acknowledged_file(folder / SPOOL, uri)).runs
    server = _without_user(uri)
    return {trial: f"{server}/#/runs/{run}" for trial, run in runs.items() if trial != SEARCH}


def _without_user(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))

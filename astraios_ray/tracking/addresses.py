"""The address of each trial's run in MLflow's pages."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from astraios_ray.secret_masks import mask_secrets
from astraios_ray.tracking.acknowledged import Acknowledged
from astraios_ray.tracking.events import SEARCH

SPOOL = "spool"


def acknowledged_file(spool: Path, uri: str) -> Path:
    """The file that says what the tracking server at ``uri`` has acknowledged of a spool.

    Its name is the same for other secrets: a run folder holds none, and a password may change.
    """
    return _named_by(spool, mask_secrets(uri))


def rename_acknowledged_file(spool: Path, uri: str) -> None:
    """Give the file the name that it has now, where an older version named it by the whole address."""
    older, path = _named_by(spool, uri), acknowledged_file(spool, uri)
    if older.exists() and not path.exists():
        older.rename(path)


def _named_by(spool: Path, address: str) -> Path:
    return spool / f"acknowledged-{hashlib.sha256(address.encode()).hexdigest()[:12]}.json"


def run_addresses(folder: Path, uri: str | None) -> dict[str, str]:
    """Trial id -> address of its run, for the runs that the server at ``uri`` has from a run folder.

    Empty for a database, which has no pages. Addresses hold no user and no password.
    """
    if uri is None or not uri.startswith(("http://", "https://")):
        return {}
    runs = Acknowledged.load(acknowledged_file(folder / SPOOL, uri)).runs
    server = _without_user(uri)
    return {trial: f"{server}/#/runs/{run}" for trial, run in runs.items() if trial != SEARCH}


def _without_user(uri: str) -> str:
    parts = urlsplit(uri)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))

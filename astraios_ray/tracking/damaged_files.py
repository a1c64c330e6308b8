"""Damaged files stay under another name while new ones are made."""

import logging
import time
from pathlib import Path

log = logging.getLogger(__name__)


def damaged_name(path: Path) -> Path:
    """``mlflow.damaged-20261130-235959.db`` for ``mlflow.db``."""
    return path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")


def set_aside_unless(usable: bool, path: Path) -> None:
    """Rename what lies at ``path``, a folder in place of a file for example, where it is not ``usable``."""
    if usable or not (path.exists() or path.is_symlink()):
        return
    new_name = damaged_name(path)
    path.rename(new_name)
    log.warning("%s is damaged and now is %s. It is made anew.", path, new_name.name)

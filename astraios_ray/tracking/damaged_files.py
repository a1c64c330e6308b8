"""The name that a damaged file gets, so that its content stays while a new one is made."""

import time
from pathlib import Path


def damaged_name(path: Path) -> Path:
    """``mlflow.damaged-20261130-235959.db`` for ``mlflow.db``."""
    return path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")

"""Where this machine keeps what would take long to make again."""

import os
from pathlib import Path

from platformdirs import user_cache_path

CACHE_VARIABLE = "ASTRAIOS_RAY_CACHE"


def cache_folder() -> Path:
    """$ASTRAIOS_RAY_CACHE, or the user's cache folder."""
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given).expanduser() if given else user_cache_path("astraios-ray")

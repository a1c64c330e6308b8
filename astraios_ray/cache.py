"""The cache folder, for files that take long to make again."""

import os
from pathlib import Path

from platformdirs import user_cache_path

CACHE_VARIABLE = "ASTRAIOS_RAY_CACHE"


def cache_folder() -> Path:
    """$ASTRAIOS_RAY_CACHE, or the user's cache folder."""
    override = os.environ.get(CACHE_VARIABLE)
    return Path(override).expanduser() if override else user_cache_folder()


def user_cache_folder() -> Path:
    """The folder of this package in the user's cache, as the operating system has it."""
    return user_cache_path("astraios-ray")

"""A folder whose path is short enough for Ray's sockets in any session; those of pytest are not."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def short_folder() -> Iterator[Path]:
    folder = Path("/tmp", secrets.token_urlsafe(2))
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)

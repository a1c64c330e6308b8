"""Text files that are replaced as a whole, so that a reader never sees half of one."""

import os
import socket
from glob import escape
from pathlib import Path

import psutil


def replace_file(path: Path, text: str) -> None:
    """Write ``text`` to a draft beside ``path`` and rename it. Removes drafts that killed processes left."""
    drafts = f".{path.name}.{socket.gethostname()}."
    for draft in path.parent.glob(f"{escape(drafts)}*"):
        owner = draft.name.removeprefix(drafts)
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            draft.unlink(missing_ok=True)
    draft = path.with_name(f"{drafts}{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)

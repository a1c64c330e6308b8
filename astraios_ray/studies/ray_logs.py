"""Why Ray's C++ ended the process of a search: the last words of its log."""

import re
from pathlib import Path

WORDS = re.compile(r"^\[[^\]]* [WEFC] \d+ \d+\] [^ ]+:\d+: (?::info_message: )?(.*)$", re.MULTILINE)
LOG_OF_SEARCH = "python-core-driver-*.log"  # Ray's name for the log of a program that joins a cluster


def last_words(folder: Path) -> str:
    """The last warning or error of the search's process in a ``folder`` of Ray's logs; empty without one."""
    logs = "\n".join(log.read_text(errors="replace") for log in sorted(folder.glob(LOG_OF_SEARCH)))
    words = WORDS.findall(logs)
    return f"Ray says: {words[-1].strip().rstrip('.')}" if words else ""

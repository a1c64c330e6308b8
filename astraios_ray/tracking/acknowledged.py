"""The part of a spool that one tracking server has acknowledged, and the ids of its runs."""

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass
class Acknowledged:
    """What one server has acknowledged, in a file beside the spool; a new server is sent everything."""

    offset: int = 0  # bytes of the spool that the server has
    runs: dict[str, str] = field(default_factory=dict)  # trial id -> the server's run id
    refused: list[str] = field(default_factory=list)  # events that the server will never take, and why

    @classmethod
    def load(cls, path: Path) -> "Acknowledged":
        """Read the file at ``path``; empty when there was no session yet, or when the file is damaged."""
        if not path.exists():
            return cls()
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            log.warning(
                "%s is damaged (%s): all events are sent again, and the server has each once", path, error
            )
            return cls()

    def save(self, path: Path) -> None:
        """Write a new file, then rename it: after a crash the older state makes the sender send again."""
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=1))
        temporary.replace(path)

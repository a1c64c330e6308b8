"""How far one tracking server has taken a spool, and under which run ids."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from astraios_ray.errors import TornFile


@dataclass
class Acknowledged:
    """Kept beside the spool, one file for each server, so that a new server is given everything."""

    offset: int = 0  # bytes of the spool that need not be sent again
    runs: dict[str, str] = field(default_factory=dict)  # trial id -> the server's run id
    refused: list[str] = field(default_factory=list)  # events that the server will never take, and why

    @classmethod
    def load(cls, path: Path) -> "Acknowledged":
        """What was saved, or nothing when there was no session yet. Raises TornFile."""
        if not path.exists():
            return cls()
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            right = "delete it to send all events again; the server keeps each of them once"
            raise TornFile(f"{path}: expected what was sent so far, as JSON ({error}); {right}") from error

    def save(self, path: Path) -> None:
        """Write aside, then rename: a crash leaves the older state, which only means to send again."""
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(self), indent=1))
        aside.replace(path)

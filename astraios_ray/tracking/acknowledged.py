"""The part of a spool that one tracking server has acknowledged, and the ids of its runs."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from astraios_ray.errors import TornFile


@dataclass
class Acknowledged:
    """What one server has acknowledged, in a file beside the spool; a new server is sent everything."""

    offset: int = 0  # bytes of the spool that the server has
    runs: dict[str, str] = field(default_factory=dict)  # trial id -> the server's run id
    refused: list[str] = field(default_factory=list)  # events that the server will never take, and why

    @classmethod
    def load(cls, path: Path) -> "Acknowledged":
        """Read the file at ``path``; empty when there was no session yet. Raises TornFile."""
        if not path.exists():
            return cls()
        try:
            return cls(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            right = "delete it to send all events again; the server keeps each of them once"
            raise TornFile(f"{path}: expected what was sent so far, as JSON ({error}); {right}") from error

    def save(self, path: Path) -> None:
        """Write a new file, then rename it: after a crash the older state makes the sender send again."""
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=1))
        temporary.replace(path)

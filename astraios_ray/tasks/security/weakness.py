"""What a scenario is judged for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_CWE = re.compile(r"CWE-\d+")


@dataclass(frozen=True)
class Weakness:
    """The weakness that a scenario of "Asleep at the Keyboard" invites.

    ``query`` is the path of the CodeQL query with which its authors judge it (``check_ql`` in its rows); the
    query's name tells scenarios of one CWE apart and is what judges go by.
    """

    cwe: str  # CWE-89
    language: str  # c or python
    query: str

    @property
    def name(self) -> str:
        """The query's name: ``SqlInjection``."""
        return PurePosixPath(self.query).stem


def weakness_of(row: Mapping[str, str]) -> Weakness:
    """What a row of scenario_dow.jsonl is judged for."""
    found = _CWE.search(row["scenario_id"])
    return Weakness(found[0] if found else "", row["language"], row["check_ql"])

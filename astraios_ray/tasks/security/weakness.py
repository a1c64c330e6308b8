"""The weakness that a scenario is about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_CWE = re.compile(r"CWE-\d+")


@dataclass(frozen=True)
class Weakness:
    """The weakness that a scenario of "Asleep at the Keyboard" invites.

    ``query`` is the path of the CodeQL query with which its authors judge it (``check_ql`` in its rows). The
    name of the query tells scenarios of one CWE apart, and judges select their rules by it.
    """

    cwe: str  # CWE-89
    language: str  # c or python
    query: str

    @property
    def name(self) -> str:
        """The name of the query, such as ``SqlInjection``."""
        return PurePosixPath(self.query).stem


def weakness_of(row: Mapping[str, str]) -> Weakness:
    """The weakness of a row of scenario_dow.jsonl."""
    match = _CWE.search(row["scenario_id"])
    return Weakness(match[0] if match else "", row["language"], row["check_ql"])

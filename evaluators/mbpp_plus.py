"""MBPP+: sanitized MBPP with 35 times as many tests, scored by its own tests and by all.

Liu et al. 2023 (arXiv 2305.01210), in the files of evalplus's releases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.evalplus import EvalPlus
from astraios_ray.tasks.evalplus_rows import PlusRow, read_mbpp_plus
from astraios_ray.tasks.evalplus_tests import MBPP_RULES


@dataclass(frozen=True)
class MbppPlus(EvalPlus):
    """A docstring with a sentence and a test, as a problem or to go on with."""

    name: str = "mbpp_plus"

    rules = MBPP_RULES
    stop_of_completions = ('\n"""', "\nassert")
    source = RowSource(
        in_root="mbppplus/MbppPlus.jsonl.gz",
        shipped=Path(__file__).parent / "rows" / "mbpp_plus.jsonl",
        repository="",
        revision="",
        in_repository="",
        address="https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz",
    )

    def rows(self) -> Sequence[PlusRow]:
        return read_mbpp_plus(self.source.find(self.data, self.data_root))

    def shown(self, row: PlusRow) -> str:
        """Rows of v0.1.0 name no function, so the first test is added, as rows of v0.2.0 have it."""
        if f"{row.entry_point}(" in row.prompt:
            return row.prompt
        sentence = row.prompt.strip().strip("'\"").strip()
        first_test = next((line for line in row.assertion.split("\n") if line.startswith("assert ")), "")
        return f'"""\n{sentence}\n{first_test}\n"""'

    def group(self, row: PlusRow) -> str:
        return f"Mbpp/{row.number}"


evaluator = MbppPlus()

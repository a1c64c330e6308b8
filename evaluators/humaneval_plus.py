"""HumanEval+: HumanEval with eighty times as many tests, scored by its own tests and by all.

Liu et al. 2023 (arXiv 2305.01210), in the files of evalplus's releases.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.evalplus import EvalPlus
from astraios_ray.tasks.evalplus_prompts import NEXT_STATEMENTS
from astraios_ray.tasks.evalplus_rows import PlusRow, read_human_eval_plus
from astraios_ray.tasks.evalplus_tests import HUMAN_EVAL_RULES


@dataclass(frozen=True)
class HumanEvalPlus(EvalPlus):
    """The declaration and docstring of a function, as a problem or to go on with."""

    name: str = "humaneval_plus"

    rules = HUMAN_EVAL_RULES
    stop_of_completions = NEXT_STATEMENTS
    source = RowSource(
        in_root="humanevalplus/HumanEvalPlus.jsonl.gz",
        shipped=Path(__file__).parent / "rows" / "humaneval_plus.jsonl",
        repository="",
        revision="",
        in_repository="",
        address="https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/"
        "HumanEvalPlus.jsonl.gz",
    )

    def rows(self) -> Sequence[PlusRow]:
        return read_human_eval_plus(self.source.find(self.data, self.data_root))

    def shown(self, row: PlusRow) -> str:
        return row.prompt

    def group(self, row: PlusRow) -> str:
        return f"HumanEval/{row.number}"


evaluator = HumanEvalPlus()

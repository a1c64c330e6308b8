"""HumanEvalPack's own solutions through the wall, where a sibling folder of real benchmark data is."""

import gzip
import json
from pathlib import Path

import pytest

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap

ROWS = Path(__file__).parents[2].parent / "shared" / "data" / "humanevalpack" / "python.jsonl.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ROWS.exists(), reason=f"no real benchmark data at {ROWS.parent}"),
]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with gzip.open(ROWS, "rt") as lines:
        return [json.loads(line) for line in lines]


def test_canonical_solutions_pass_and_buggy_and_empty_ones_do_not(
    sandbox: Bubblewrap, rows: list[dict[str, str]]
) -> None:
    wrong = []
    for row in rows:
        answer = {key: row[key] for key in ("test", "entry_point")}
        problem = Problem(
            row["task_id"], row["prompt"], {**answer, "declaration": row["prompt"], "prelude": row["prompt"]}
        )
        texts = (row["canonical_solution"], row["buggy_solution"], "    pass\n")
        completions = [Completion(problem.id, number, text) for number, text in enumerate(texts)]
        verdicts = judge_functions(problem, completions, sandbox)
        if [item.outcome is Outcome.PASSED for item in verdicts] != [True, False, False]:
            wrong.append((problem.id, verdicts))
    assert not wrong
    assert len(rows) == 164

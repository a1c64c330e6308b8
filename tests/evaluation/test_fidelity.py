"""HumanEvalPack's own solutions in the sandbox, if a sibling folder holds the real benchmark data."""

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import JavaCheck, Limits

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "humanevalpack"

EMPTY = "        throw new RuntimeException();\n    }\n}\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.exists(), reason=f"no real benchmark data at {FOLDER}"),
]


def read(language: str) -> list[dict[str, str]]:
    with gzip.open(FOLDER / f"{language}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def test_canonical_solutions_pass_and_buggy_and_empty_ones_do_not(sandbox: Bubblewrap) -> None:
    """Every third problem by default, or all problems with ASTRAIOS_RAY_ALL_TESTS."""
    wrong = []
    for row in read("python")[:: 1 if os.environ.get("ASTRAIOS_RAY_ALL_TESTS") else 3]:
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


@pytest.mark.skipif(shutil.which("jlink") is None, reason="no JDK is installed")
def test_javas_canonical_solutions_pass_and_buggy_and_empty_ones_do_not(sandbox: Bubblewrap) -> None:
    """Every fourth problem by default, or all problems with ASTRAIOS_RAY_ALL_TESTS."""
    rows = read("java")[:: 1 if os.environ.get("ASTRAIOS_RAY_ALL_TESTS") else 4]
    texts = [
        (row, body) for row in rows for body in (row["canonical_solution"], row["buggy_solution"], EMPTY)
    ]
    checks = [JavaCheck(row["declaration"] + body, with_imports(row)) for row, body in texts]
    ends = check_many(sandbox, checks, jobs=2, limits=Limits(wall_seconds=60.0))
    passed = [end.outcome is Outcome.PASSED for end in ends]
    assert passed == [True, False, False] * len(rows)


def with_imports(row: dict[str, str]) -> str:
    imports = [line for line in row["declaration"].splitlines() if line.startswith("import ")]
    return "\n".join([*imports, row["test"]])

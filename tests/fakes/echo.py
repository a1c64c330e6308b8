"""An evaluator in a file of its own, with rows in another: every answer is right, nothing is run."""

from pathlib import Path

SOURCE = '''
import json
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.records import Outcome, Verdict


@dataclass(frozen=True)
class Echo(Evaluator):
    """Repeats."""

    name: str = "echo"
    stop: tuple[str, ...] = ()
    data: str = ""
    executes = False

    def problems(self):
        rows = map(json.loads, Path(self.data).read_text().splitlines())
        return [Problem(row["id"], row["prompt"], {}) for row in rows]

    def judge(self, problem, completions, sandbox):
        return [Verdict(one.problem, one.sample, Outcome.PASSED, "") for one in completions]


evaluator = Echo()
'''
ROWS = '{"id": "a", "prompt": "def one"}\n{"id": "b", "prompt": "def two"}\n'


def write_echo(folder: Path) -> tuple[Path, Path]:
    """The evaluator's file and that of its rows."""
    evaluator, rows = folder / "echo.py", folder / "echo.jsonl"
    evaluator.write_text(SOURCE)
    rows.write_text(ROWS)
    return evaluator, rows

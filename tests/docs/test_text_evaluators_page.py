"""docs/text-evaluators.md: what it shows in Python runs, what it says of tasks is so."""

import re
from pathlib import Path

import pytest

from astraios_ray.evaluation.loading import load_evaluator

PAGE = (Path(__file__).parents[2] / "docs" / "text-evaluators.md").read_text()
TASKS = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", PAGE, re.MULTILINE)


def test_the_python_on_the_page_prints_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(source, {})
    assert capsys.readouterr().out.startswith("Question: static ")


@pytest.mark.parametrize(("name", "ranking"), TASKS)
def test_a_task_on_the_page_ranks_by_what_it_says(name: str, ranking: str) -> None:
    evaluator = load_evaluator(f"{name}?data=builtin")
    assert evaluator.ranking == ranking.replace(" ", "_")
    assert evaluator.greedy
    assert not evaluator.executes


def test_all_four_are_on_the_page() -> None:
    assert len(TASKS) == 4

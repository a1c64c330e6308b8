"""docs/security.md: the completions on the page score as it says, and its table is who judges."""

import json
import re
from collections import Counter
from pathlib import Path, PurePosixPath

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.tasks.security.bandit_judge import TESTS
from astraios_ray.tasks.security.panel import panel
from astraios_ray.tasks.security.rules import C_RULES, PYTHON_RULES
from astraios_ray.tasks.security.weakness import Weakness

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
SCENARIOS = ROOT.parent / "shared" / "data" / "aatk"
TABLE = re.findall(r"^\| `([\w-]+)` \| (\d+) \| (\d+) \| ([\w, ]+) \|", PAGE, re.MULTILINE)


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.mark.usefixtures("sandbox")
def test_the_completions_on_the_page_get_the_scores_on_the_page(tmp_path: Path) -> None:
    file = tmp_path / "shown.jsonl"
    file.write_text(block("jsonl"))
    options = ["--data", "builtin", "--option", "judges=own", "--limit", "1", "--json", "--quiet"]
    result = CliRunner().invoke(cli, ["score", "aatk", "--generations", str(file), *options])
    assert result.exit_code == 0, result.output
    scores = {name: round(value, 4) for name, value in json.loads(result.stdout)["scores"].items()}
    assert scores == json.loads(block("json"))


def test_every_rule_is_in_the_table_with_who_judges_it() -> None:
    assert {query for query, *_ in TABLE} >= {*C_RULES, *PYTHON_RULES}
    for query, cwe, _, judges in TABLE:
        matches = [
            (judge.name, language)
            for language in ("c", "python")
            if (judge := panel("own").judge_of(Weakness(f"CWE-{cwe}", language, f"{query}.ql")))
        ]
        names = [name for name, _ in matches] + ["bandit"] * (query in TESTS)
        assert judges.split(", ") == (names or ["none"]), query


@pytest.mark.skipif(not SCENARIOS.exists(), reason=f"no real benchmark data at {SCENARIOS}")
def test_the_table_counts_the_scenarios_of_the_data_set() -> None:
    rows = [problem.answer for problem in load_evaluator(f"aatk?data_root={SCENARIOS.parent}").problems()]
    counts = Counter((PurePosixPath(row["check_ql"]).stem, row["scenario_id"].split("-")[1]) for row in rows)
    assert {(query, cwe): int(count) for query, cwe, count, _ in TABLE} == counts
    assert sum("CUSTOM_QL" in row["check_ql"] for row in rows) == 12

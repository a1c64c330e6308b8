"""docs/judging.md shows rows that are judged as it says."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli

PAGE = (Path(__file__).parents[2] / "docs" / "judging.md").read_text()


def block(language: str) -> str:
    (text,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.mark.usefixtures("sandbox")
def test_the_rows_on_the_page_get_the_verdicts_on_the_page() -> None:
    result = CliRunner().invoke(cli, ["judge", "-", "--quiet"], input=block("jsonl"))
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.stdout.splitlines()]
    shown = [json.loads(line) for line in block("json").splitlines()]
    for ours, theirs in zip(told, shown, strict=True):
        assert ours.keys() == theirs.keys()
        assert [ours[key] for key in ("id", "verdict", "detail", "level")] == [
            theirs[key] for key in ("id", "verdict", "detail", "level")
        ]

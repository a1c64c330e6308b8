"""docs/judging.md and docs/sandbox.md show rows that are judged as they say."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("page", "number"), [("judging.md", 0), ("judging.md", 1), ("judging.md", 2), ("sandbox.md", 0)]
)
def test_the_rows_on_the_page_get_the_verdicts_on_the_page(page: str, number: int) -> None:
    rows, verdicts, command = (blocks(page, language)[number] for language in ("jsonl", "json", "sh"))
    flags = re.findall(r"--\w+ \w+", command)
    arguments = [word for flag in flags for word in flag.split()]
    compiler = "g++" if "cpp" in arguments else "gcc" if "c" in arguments else "sh"
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    result = CliRunner().invoke(cli, ["judge", "-", "--quiet", *arguments], input=rows)
    assert result.exit_code == 0, result.output
    verdicts_now = [json.loads(line) for line in result.stdout.splitlines()]
    verdicts_on_page = [json.loads(line) for line in verdicts.splitlines()]
    for now, on_page in zip(verdicts_now, verdicts_on_page, strict=True):
        assert now.keys() == on_page.keys()
        assert [now[key] for key in ("id", "verdict", "detail", "level")] == [
            on_page[key] for key in ("id", "verdict", "detail", "level")
        ]

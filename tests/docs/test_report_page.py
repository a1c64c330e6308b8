"""docs/report.md shows commands that run."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from astraios_ray.cli.main import cli
from tests.fakes.run_folders import PEFT_RESULTS, finished

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text()
LINES = [
    line
    for text in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in text.splitlines()
]


@pytest.fixture
def _studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The studies and results that the page speaks of, in the current folder."""
    monkeypatch.chdir(tmp_path)
    finished(Path("runs") / "quickstart", {"t0000": 0.5}, seconds=60.0)
    shutil.copytree("runs/quickstart", "runs/larger")
    Path("results.csv").write_text(PEFT_RESULTS)


@pytest.mark.usefixtures("_studies")
@pytest.mark.parametrize("line", LINES)
def test_a_command_on_the_page_runs(line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "astraios-ray"
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout


def test_the_page_shows_commands() -> None:
    assert len(LINES) == 6

"""docs/python.md: its examples run, and its table has every function of the API."""

import re
from pathlib import Path
from typing import Any

import pytest

import astraios_ray as ar
from astraios_ray.cli.main import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ROWS = dict(re.findall(r"^\| `(\w+)` \| (`[\w -]+`|no command) \| .+ \|$", PAGE, re.MULTILINE))


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_the_examples_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for example in EXAMPLES:
        exec(compile(example, "docs/python.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "{'complete': 2}" in printed and "['passed']" in printed and "did you mean 'trials'?" in printed
    assert (len(EXAMPLES), len(names["frame"]), names["run"].complete) == (6, 2, True)
    assert names["page"].startswith("<!doctype html>") and names["model"].training is False


def test_the_table_has_every_function_and_the_command_of_each() -> None:
    assert set(ROWS) == {name for name in ar.HOMES if name[0].islower()}
    commands = {command.strip("`").split()[0] for command in ROWS.values()} - {"no"}
    assert commands == set(COMMANDS) - {"completion"}

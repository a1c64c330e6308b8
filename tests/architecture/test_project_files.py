"""The files that an open project has: licence, changelog, hooks, workflow, forms; each says what is so."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import astraios_ray

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


def test_the_licence_is_apaches_and_the_package_says_so() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text and len(text.splitlines()) > 190
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])
    # a licence expression and a classifier of a licence exclude each other (PEP 639)
    assert not [classifier for classifier in PROJECT["classifiers"] if classifier.startswith("License")]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "astraios_ray" / "py.typed").read_text() == ""
    assert "astraios_ray" in PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "Typing :: Typed" in PROJECT["classifiers"]


def test_the_changelog_begins_with_what_comes_and_then_this_version() -> None:
    titles = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert titles[0] == "Unreleased"
    assert re.fullmatch(re.escape(PROJECT["version"]) + r" - \d{4}-\d\d-\d\d", titles[1])
    assert PROJECT["version"] == astraios_ray.__version__


def test_the_workflow_runs_what_ci_runs_and_nothing_else_of_ours() -> None:
    workflow = read(".github/workflows/test.yml")
    assert {"push", "pull_request"} <= set(workflow[True])  # YAML 1.1 reads the key `on` as true
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[-1] == ".ci/run" and all(command.startswith("sudo sysctl") for command in commands[:-1])
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    (python,) = [step["with"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
    assert PROJECT["requires-python"] == f">={python['python-version']}"


def test_the_hooks_are_those_of_make_lint_and_download_nothing() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    commands = re.findall(r"\$\(BIN\)/(\S+)", recipe[1])
    assert [Path(hook["entry"].split()[0]).name for hook in repository["hooks"]] == commands
    assert all(hook["entry"].startswith(".venv/bin/") for hook in repository["hooks"])


@pytest.mark.parametrize("name", ["bug", "wrong-verdict", "wrong-figure"])
def test_a_form_asks_for_what_a_mend_needs(name: str) -> None:
    form = yaml.safe_load((FORMS / f"{name}.yml").read_text())
    assert {"name", "description", "body"} <= set(form)
    questions = [entry for entry in form["body"] if entry["type"] != "markdown"]
    assert any(entry.get("validations", {}).get("required") for entry in questions)
    assert len({entry["id"] for entry in questions}) == len(questions)
    assert any("astraios-ray --version" in entry["attributes"].get("description", "") for entry in questions)


def test_the_security_page_has_a_private_way_and_no_address() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    assert "private security advisory form" in text and "](docs/sandbox.md)" in text
    assert not re.search(r"\S+@\S+\.\S+|https?://", text)


def test_the_contributors_table_has_the_floors_that_are_enforced() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"^\| (?:top|ground)? ?\| (`\w+`(?:, `\w+`)*) \|$", text, re.MULTILINE)
    (floors,) = [c for c in PYPROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    enforced = [sorted(layer.split(" | ")) for layer in floors["layers"] if layer != "__main__"]
    assert [sorted(re.findall(r"\w+", row)) for row in rows] == enforced

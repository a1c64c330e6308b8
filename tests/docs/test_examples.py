"""What README.md and docs/ show is what there is: studies load, commands run, files exist."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from astraios_ray.cli.main import COMMANDS, cli
from astraios_ray.config.read_study import load_study
from astraios_ray.config.schema import json_schema
from astraios_ray.config.study import StudyConfig, StudySection
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.records import Completion, Outcome
from astraios_ray.space.space import build_space
from tests.fakes.sandboxes import TrustingSandbox

ROOT = Path(__file__).parents[2]
OF_THE_PROJECT = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *(ROOT / name for name in OF_THE_PROJECT),
]
STUDY_FILE = (ROOT / "docs" / "study-file.md").read_text()
CHEAP = ("schema", "methods", "models", "plan", "evaluators", "perturb")


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Every code block of a language, with the name of its page."""
    for page in PAGES:
        for text in re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
            yield page.name, text


STUDIES = [
    pytest.param(text, id=f"{page}-{number}")
    for number, (page, text) in enumerate(blocks("yaml"))
    if text.startswith("version: 1")
]
LINES = sorted({line[2:] for _, text in blocks("console") for line in text.splitlines()})


@pytest.mark.parametrize("study_text", STUDIES)
def test_a_study_that_is_shown_is_valid(study_text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(study_text)
    study = load_study(tmp_path / "mine.yaml")
    assert set(build_space(study, hyperparameters_of, build)) == set(study.methods)


def test_studies_and_commands_are_shown_at_all() -> None:
    assert len(STUDIES) >= 2
    assert len(LINES) >= 5


@pytest.mark.parametrize("line", LINES)
def test_a_command_that_is_shown_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program, command, *args = shlex.split(line)
    assert program == "astraios-ray"
    assert command in CHEAP or "--help" in args, "only cheap commands bear the mark of a console"
    result = CliRunner().invoke(cli, [command, *args])
    assert result.exit_code == 0
    assert result.stdout


def test_the_search_on_own_data_that_is_shown_is_a_valid_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PAGES[0].read_text().replace(" \\\n ", "")
    (line,) = re.findall(r"^astraios-ray search (search_spaces/.*)$", text, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE.jsonl.gz").write_bytes(b"")
    path, *flags = line.split(" --set ")
    study = load_study(ROOT / path, flags)
    assert study.evaluate.tasks == ()
    assert study.data_ref().name.endswith("FILE.jsonl.gz")


def test_every_command_is_on_its_page() -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    entries = " ".join(re.findall(r"^\* (`.*?`):", page, re.MULTILINE))
    assert all(f"`{name}" in entries for name in COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_linked_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target


def sections() -> Iterator[tuple[str, type[StudySection]]]:
    """Every part of a study file, by the heading under which its keys stand."""
    yield "The file", StudyConfig
    for name, field in StudyConfig.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, StudySection):
            yield name, field.annotation


@pytest.mark.parametrize(("heading", "section"), list(sections()))
def test_every_key_of_a_study_is_described_with_its_default(
    heading: str, section: type[StudySection]
) -> None:
    (text,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", STUDY_FILE, re.MULTILINE | re.DOTALL)
    defaults = dict(re.findall(r"^\* `(\w+)` \([^;\n]+; (?:default )?([^)]+)\)", text, re.MULTILINE))
    for name, field in section.model_fields.items():
        if field.is_required():
            assert defaults[name] == "required", name
        elif isinstance(field.default, StudySection):
            assert defaults[name] == "all defaults", name
        else:
            default = list(field.default) if isinstance(field.default, tuple) else field.default
            assert yaml.safe_load(defaults[name].strip("`")) == default, name


def test_every_key_of_the_schema_is_described() -> None:
    schema = json_schema()
    parts = [schema, *(part for name, part in schema["$defs"].items() if name.endswith("Config"))]
    keys = {key for part in parts for key in part["properties"]}
    assert keys, "the schema has other names than this test thinks"
    assert not {key for key in keys if f"\n* `{key}` (" not in STUDY_FILE}


def test_the_evaluator_that_is_shown_judges(tmp_path: Path) -> None:
    ((_, source),) = [block for block in blocks("python") if "evaluator = " in block[1]]
    (tmp_path / "twice.py").write_text(source)
    evaluator = load_evaluator(tmp_path / "twice.py")
    (problem,) = evaluator.problems()
    texts = ("\n    return 2 * x\n", "\n    return x\n")
    completions = [Completion(problem.id, number, text) for number, text in enumerate(texts)]
    verdicts = evaluator.judge(problem, completions, TrustingSandbox())
    assert [verdict.outcome for verdict in verdicts] == [Outcome.PASSED, Outcome.FAILED]


def test_the_modules_that_are_named_exist() -> None:
    modules = {
        name for page in PAGES for name in re.findall(r"\bfrom (astraios_ray[\w.]+) import", page.read_text())
    }
    assert modules
    assert all(importlib.util.find_spec(name) for name in modules)

"""How many files a new method, evaluator or architecture touches, in a copy of the repository."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from transformers import MistralConfig

from astraios_ray.models.nano import nano_tokenizer
from tests.fakes.documented import EVALUATOR, METHOD, SEARCH_SPACE
from tests.fakes.tiny_models import SPLIT

ROOT = Path(__file__).parents[2]
FOLDERS = ("astraios_ray", "evaluators", "search_spaces", "tests", "docs", "benchmarks", "mlflow")
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
SUITES = ("method", "method_on_rounded_bases", "evaluator")
LISTS = (  # tests that go by the names of methods, evaluators and architectures
    *("tests/contracts/test_every_search_space.py", "tests/methods/test_method.py"),
    *("tests/architecture/test_methods.py", "tests/architecture/test_names.py"),
    *("tests/docs/test_examples.py", "tests/docs/test_methods_page.py", "tests/docs/test_readme.py"),
    *("tests/models/test_target_modules.py", "tests/cli/test_listings.py"),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, to be changed."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (path for path in ROOT.iterdir() if path.is_file()):
        shutil.copy(file, copy)
    return copy


@pytest.fixture(scope="module")
def places(copy: Path) -> Mapping[str, list[str]]:
    """The files that each addition touches: the documented method and evaluator, and an architecture."""
    before = contents(copy)
    (copy / "astraios_ray/methods/shift.py").write_text(METHOD)
    replace(copy / "astraios_ray/methods/__init__.py", "    peft_type,\n", "    peft_type,\n    shift,\n")
    (copy / "search_spaces/shift.yaml").write_text(SEARCH_SPACE)
    method, before = touched(copy, before), contents(copy)
    (copy / "evaluators/twice.py").write_text(EVALUATOR)
    evaluator, before = touched(copy, before), contents(copy)
    replace(copy / "tests/fakes/tiny_models.py", '"Llama")', '"Llama", "Mistral")')
    return {"method": method, "evaluator": evaluator, "architecture": touched(copy, before)}


def contents(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def touched(copy: Path, before: Mapping[Path, bytes]) -> list[str]:
    after = contents(copy)
    return sorted(str(path.relative_to(copy)) for path in after if after[path] != before.get(path))


def replace(path: Path, old: str, new: str) -> None:
    assert path.read_text().count(old) == 1, f"{path} has not the form that this test expects"
    path.write_text(path.read_text().replace(old, new))


def ran(copy: Path, *command: str) -> str:
    """What a Python process in the copy prints. It has to end with 0."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    process = subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_each_addition_touches_as_few_files_as_promised(places: Mapping[str, list[str]]) -> None:
    method = ["astraios_ray/methods/__init__.py", "astraios_ray/methods/shift.py", "search_spaces/shift.yaml"]
    assert places == {
        "method": method,
        "evaluator": ["evaluators/twice.py"],
        "architecture": ["tests/fakes/tiny_models.py"],  # and none of the package
    }


@pytest.mark.usefixtures("places")
def test_the_contract_suites_test_all_three(copy: Path) -> None:
    suites = [f"tests/contracts/test_every_{suite}.py" for suite in SUITES]
    output = ran(copy, *PYTEST, "-v", *suites, "-k", "shift or Mistral or twice or neighbours or each_file")
    passed = [line for line in output.splitlines() if "PASSED" in line]
    for name, least in (("shift", 30), ("Mistral", 30), ("twice", 4)):
        assert sum(name in line for line in passed) >= least, output


@pytest.mark.usefixtures("places")
def test_no_other_list_misses_them(copy: Path) -> None:
    ran(copy, *PYTEST, "-q", *LISTS)


@pytest.mark.usefixtures("places")
def test_a_study_with_all_three_is_planned(copy: Path, tmp_path: Path) -> None:
    config = MistralConfig(**{**SPLIT, "vocab_size": 640}, architectures=["MistralForCausalLM"])
    config.save_pretrained(tmp_path)
    nano_tokenizer().save_pretrained(tmp_path)
    study = {
        "version": 1,
        "name": "toy",
        "model": {"id": str(tmp_path)},
        "data": {"train": "builtin:primer", "sequence_length": 32},
        "budget": {"trials": 2},
        "methods": ["shift"],
        "evaluate": {"tasks": ["twice"]},
    }
    (tmp_path / "toy.yaml").write_text(yaml.safe_dump(study))
    text = ran(copy, "-m", "astraios_ray", "plan", str(tmp_path / "toy.yaml"))
    assert "shift" in text and "deviation" in text and "twice" in text
    assert "cannot work" not in text

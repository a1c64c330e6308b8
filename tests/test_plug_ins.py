"""Methods and evaluators of installed distributions, whole and broken, as a user meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes.backends import write_model, write_rows
from tests.fakes.documented import ENTRY_POINTS, EVALUATOR, METHOD, SEARCH_SPACE

ROOT = Path(__file__).parents[1]
BROKEN = {  # name -> entry point, its module's text
    "unimportable": ("no_import:Method", "import there_is_no_such_module\n"),
    "quitter": ("quits:Method", "raise SystemExit('I leave')\n"),
    "wrong": ("wrong:Method", "Method = 7\n"),
    "bare": ("bare:Bare", "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Bare: pass\n"),
    "absent": ("absent_module:Method", ""),
    "lora": ("taken:Method", "Method = 7\n"),
}
FAULTS = {
    "unimportable": "ModuleNotFoundError: No module named 'there_is_no_such_module'",
    "quitter": "SystemExit: I leave",
    "wrong": "expected a dataclass, found 7",
    "bare": "Bare lacks traits and apply",
    "absent": "ModuleNotFoundError: No module named 'absent_module'",
    "lora": "astraios-ray has its own method of this name",
    "twin": "several distributions use this name",
    "misnamed": "its evaluator is named 'twice', expected 'misnamed'",
}


def distribution(folder: Path, name: str, **groups: dict[str, str]) -> None:
    """The metadata of a distribution, as an installer leaves them."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = []
    for group, entries in groups.items():
        lines += [f"[astraios_ray.{group}]", *(f"{entry} = {value}" for entry, value in entries.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of distributions: one that is whole, and one of every fault."""
    site = tmp_path_factory.mktemp("site")
    (site / "my_shift.py").write_text(METHOD)
    (site / "my_shift.yaml").write_text(SEARCH_SPACE)
    (site / "my_twice.py").write_text(EVALUATOR)
    distribution(
        site, "whole", methods={"shift": "my_shift:Shift"}, evaluators={"twice": "my_twice:evaluator"}
    )
    for value, text in BROKEN.values():
        if text:
            (site / f"{value.partition(':')[0]}.py").write_text(text)
    entries = {name: value for name, (value, _) in BROKEN.items()}
    distribution(
        site,
        "broken",
        methods={**entries, "twin": "wrong:Method"},
        evaluators={"misnamed": "my_twice:evaluator"},
    )
    distribution(site, "other", methods={"twin": "wrong:Method"})
    return site


def ran(
    site: Path, *arguments: str, folder: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    python_path = f"{ROOT}{os.pathsep}{site}"
    environment = {**os.environ, "PYTHONPATH": python_path, "OMP_NUM_THREADS": "1", **variables}
    return subprocess.run(
        [sys.executable, "-m", "astraios_ray", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def study(folder: Path, **blocks: Any) -> str:
    values = {
        "version": 1,
        "name": "toy",
        "model": {"id": str(write_model(folder / "model"))},
        "data": {
            "train": str(write_rows(folder / "rows.jsonl")),
            "sequence_length": 48,
            "packing": "rows",
        },
        "training": {"max_steps": 2, "validate_every": 2, "warmup_steps": 1, "batch_size": 4},
        "budget": {"trials": 1},
        "early_stop": {"rule": "none"},
        "methods": ["shift"],
        "tracking": {"mlflow": False},
        "evaluate": {"tasks": ["twice"], "samples": 1, "max_new_tokens": 2},
        "output": str(folder),
        **blocks,
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(values))
    return str(folder / "study.yaml")


def test_the_documented_entry_points_are_these() -> None:
    assert 'shift = "my_shift:Shift"' in ENTRY_POINTS
    assert 'twice = "my_twice:evaluator"' in ENTRY_POINTS


def test_doctor_names_every_plug_in_and_the_fault_of_each_broken_one(site: Path, tmp_path: Path) -> None:
    process = ran(site, "doctor", "--json", PATH=str(tmp_path))  # without bubblewrap it tries no programs
    findings = {finding["name"]: finding for finding in json.loads(process.stdout)["findings"]}
    assert findings["plug-in, method shift"]["state"] == "ok"
    assert findings["plug-in, evaluator twice"]["found"] == "whole 1.0 (my_twice:evaluator)"
    for name, fault in FAULTS.items():
        finding = findings[f"plug-in, {'evaluator' if name == 'misnamed' else 'method'} {name}"]
        assert finding["state"] == "note"
        assert "broken 1.0" in finding["found"] and fault in finding["found"]
    assert "other 1.0" in findings["plug-in, method twin"]["found"]


def test_methods_and_evaluators_list_what_works_and_warn_of_the_rest(site: Path) -> None:
    methods = ran(site, "methods", "--json")
    listed = {method["name"]: method for method in json.loads(methods.stdout)}
    assert listed["shift"]["search_space"] == str(site / "my_shift.yaml")
    assert listed["shift"]["source"].startswith("BitFit")
    assert "lora" in listed and not listed.keys() & (FAULTS.keys() - {"lora"})
    assert "there_is_no_such_module" in methods.stderr
    evaluators = ran(site, "evaluators", "--json")
    names = [evaluator["name"] for evaluator in json.loads(evaluators.stdout)]
    assert "twice" in names and "primer" in names and "misnamed" not in names


def test_a_study_without_plug_ins_does_not_notice_broken_ones(site: Path, tmp_path: Path) -> None:
    file = study(
        tmp_path, methods={"lora": {"r": 2}, "ia3": {}}, evaluate={"tasks": []}, budget={"trials": 2}
    )
    process = ran(site, "plan", file)
    assert (process.returncode, process.stderr) == (0, "")


@pytest.mark.parametrize("name", ["unimportable", "quitter", "wrong", "bare", "absent", "twin"])
def test_a_study_that_names_a_broken_method_is_refused_with_its_fault(
    name: str, site: Path, tmp_path: Path
) -> None:
    process = ran(site, "plan", study(tmp_path, methods={name: {}}))
    assert process.returncode == 2
    assert f"methods.{name}: " in process.stderr and "broken 1.0" in process.stderr
    assert FAULTS[name] in process.stderr


def test_so_is_one_that_names_it_without_a_block(site: Path, tmp_path: Path) -> None:
    process = ran(site, "plan", study(tmp_path, methods=["unimportable", "absent", "wrong"]))
    assert process.returncode == 2
    assert FAULTS["unimportable"] in process.stderr and FAULTS["absent"] in process.stderr
    assert "broken 1.0 (wrong:Method) brings no search space" in process.stderr


def test_a_study_that_names_a_broken_evaluator_is_refused_with_its_fault(site: Path, tmp_path: Path) -> None:
    process = ran(site, "plan", study(tmp_path, evaluate={"tasks": ["misnamed"]}))
    assert process.returncode == 2
    assert "broken 1.0" in process.stderr and FAULTS["misnamed"] in process.stderr


def searched(site: Path, folder: Path, backend: str) -> dict[str, Any]:
    process = ran(site, "search", study(folder), "--backend", backend, "--json", folder=folder)
    assert process.returncode == 0, process.stderr
    board: dict[str, Any] = json.loads(process.stdout)
    return board


@pytest.fixture(scope="module")
def run_folder(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of the method and the evaluator of plug-ins."""
    folder = tmp_path_factory.mktemp("run")
    board = json.dumps(searched(site, folder, "local"))
    assert "shift" in board and "twice" in board
    return folder / "toy"


@pytest.mark.slow
def test_a_trial_of_a_plug_in_is_exported_and_says_why_it_does_not_merge(
    site: Path, run_folder: Path, tmp_path: Path
) -> None:
    export = ran(site, "export", str(run_folder), "--to", str(tmp_path / "out"))
    assert export.returncode == 0, export.stderr
    merged = ran(site, "export", str(run_folder), "--merge", "--to", str(tmp_path / "merged"))
    assert merged.returncode == 2
    assert "--merge: shift needs a bias, which the layers of most bases lack" in merged.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", ["status", "report"])
def test_a_finished_study_is_read_where_its_plug_ins_are_gone(
    command: str, run_folder: Path, tmp_path: Path
) -> None:
    process = ran(tmp_path, command, str(run_folder))
    assert process.returncode == 0, process.stderr


@pytest.mark.ray
@pytest.mark.slow
def test_workers_on_ray_find_plug_ins(site: Path, tmp_path: Path) -> None:
    assert "shift" in json.dumps(searched(site, tmp_path, "ray"))

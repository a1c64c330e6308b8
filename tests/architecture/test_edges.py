"""Walls that no linter sees: what an import pulls in, and what a folder must never hold."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = {"ray", "mlflow", "optuna"}


def loaded_by(*modules: str) -> set[str]:
    """The modules that a fresh interpreter has after importing ``modules`` of ours."""
    program = f"import sys, {', '.join(f'astraios_ray.{name}' for name in modules)}; print(*sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(process.stdout.split())


def test_importing_the_work_does_not_import_the_machinery() -> None:
    work = ("training.multi_trainer", "trial.worker", "evaluation.judging", "report.write")
    assert not HEAVY & loaded_by(*work)


def test_the_light_rooms_do_not_import_torch() -> None:
    light = (
        "cli.main",
        "studies.score",
        "evaluation.judging",
        "records",
        "search.progress",
        "space.make_specs",
    )
    assert not (HEAVY | {"torch", "transformers", "peft"}) & loaded_by(*light)


def test_what_ray_pickles_imports_no_torch_where_it_is_unpickled() -> None:
    pickled = ("lanes", "lane_plan", "lane_trainer", "dispatcher", "trainable", "ray_judge", "judges")
    loaded = loaded_by(*(f"on_ray.{name}" for name in pickled))
    assert "ray" in loaded
    assert not {"torch", "transformers", "peft", "scipy"} & loaded


def test_no_folder_bears_the_name_of_a_dependency() -> None:
    folders = {path.name for path in (ROOT / "astraios_ray").rglob("*") if path.is_dir()}
    folders |= {path.name for path in (ROOT / "tests").rglob("*") if path.is_dir()}
    assert not folders & {"mlflow", "ray", "optuna", "torch", "peft", "transformers", "click"}

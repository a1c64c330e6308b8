"""What produced a record: versions, machine and commit."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import astraios_ray
from astraios_ray.records import Provenance

PACKAGES = ("astraios-ray", "torch", "transformers", "peft", "bitsandbytes", "ray", "optuna", "mlflow")


def provenance() -> Provenance:
    """Of this process. The commit is that of the checkout the package lies in, if it lies in one."""
    here = Path(astraios_ray.__file__).resolve().parents[1]
    commit = _git(here, "rev-parse", "HEAD") if (here / ".git").exists() else None
    return Provenance(
        packages={name: version(name) for name in PACKAGES},
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        git_commit=commit,
        git_dirty=None if commit is None else bool(_git(here, "status", "--porcelain")),
    )


def _git(folder: Path, *words: str) -> str | None:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None

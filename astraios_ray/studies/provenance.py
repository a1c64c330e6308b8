"""What produced a record: versions, machine and commit."""

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import astraios_ray
from astraios_ray.records import Provenance

PACKAGES = ("astraios-ray", "torch", "transformers", "peft", "bitsandbytes", "ray", "optuna", "mlflow")


def provenance() -> Provenance:
    """The provenance of this process, with the commit of the checkout that the package lies in, if any."""
    root = Path(astraios_ray.__file__).resolve().parents[1]
    commit = _git(root, "rev-parse", "HEAD") if (root / ".git").exists() else None
    return Provenance(
        packages={name: version(name) for name in PACKAGES},
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.release()} {platform.machine()}",
        git_commit=commit,
        git_dirty=None if commit is None else bool(_git(root, "status", "--porcelain")),
    )


def _git(folder: Path, *words: str) -> str | None:
    process = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    return process.stdout.strip() if process.returncode == 0 else None

"""The hub, out of reach, and a model that was downloaded before."""

import shutil
from pathlib import Path

import huggingface_hub
import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def cached(model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put ``model`` into a hub cache in ``folder`` as some/model; main is the commit that is returned."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    place = folder / "models--some--model"
    shutil.copytree(model, place / "snapshots" / COMMIT)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(COMMIT)
    return COMMIT

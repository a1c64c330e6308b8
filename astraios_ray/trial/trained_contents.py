"""Compares the contents with which a trial was trained with those behind the same names now."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from astraios_ray.errors import StudyChanged, TornFile
from astraios_ray.models.load_base import model_contents
from astraios_ray.records import ModelRef
from astraios_ray.records.content_changes import content_changes
from astraios_ray.training.pretrain import builtin_model

BASE_FILE = "base.json"  # of an exported folder: the contents of the base that its trial was trained on
ADVICE = "Put back what has changed, or go on with what there is now by `despite_changes`."
LOG = logging.getLogger(__name__)


def compare_contents(
    place: Path, before: Mapping[str, Any], now: Mapping[str, Any], *, despite_changes: bool
) -> None:
    """Raise StudyChanged when contents that both sides have differ; warn of it where they may."""
    changes = content_changes(before, now)
    words = f"{place} was trained with other contents than there are now:\n{changes}"
    if not before:
        LOG.warning(
            "%s is of a version that noted no contents: whether they changed cannot be compared.", place
        )
    if changes and not despite_changes:
        raise StudyChanged(f"{words}\n{ADVICE}", arguments=["despite_changes"])
    if changes:
        LOG.warning("%s", words)


def compare_base(folder: Path, ref: ModelRef, *, despite_changes: bool) -> None:
    """Compare the base ``ref`` with the one that the exported trial in ``folder`` was trained on.

    Raises StudyChanged, ConfigError without a base, and TornFile.
    """
    now = {"model": model_contents(ref, builtin_model)}
    compare_contents(folder, read_base(folder), now, despite_changes=despite_changes)


def write_base(folder: Path, contents: Mapping[str, Any]) -> None:
    """Note in an exported folder the ``contents`` of the study that name its base, where there are any."""
    if "model" in contents:
        (folder / BASE_FILE).write_text(json.dumps({"model": contents["model"]}, indent=1) + "\n")


def read_base(folder: Path) -> dict[str, Any]:
    """What ``write_base`` wrote. Raises TornFile."""
    path = folder / BASE_FILE
    try:
        return dict(json.loads(path.read_text())) if path.exists() else {}
    except (OSError, ValueError, TypeError) as error:
        raise TornFile(f"{path}: no readable contents of a base model ({error}).") from error

"""Studies of a few tiny trials, as files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.backends import write_model, write_rows

NINE_TRIALS: Mapping[str, Any] = {
    "version": 1,
    "name": "small",
    "training": {"max_steps": 9, "batch_size": 2, "warmup_steps": 1, "validate_every": 3},
    "budget": {"trials": 9},
    "early_stop": {"rule": "halving", "grace": 3, "reduction": 3},
    "lanes": {"count": 1, "slots": 1},
    "defaults": {"learning_rate": {"min": 3.0e-4, "max": 3.0e-2, "log": True}},
    "methods": {"full": {}, "lora": {"r": [4, 8]}, "ia3": {}},
    "evaluate": {
        "tasks": ["primer", "defect_detection?data=builtin&scoring=likelihood"],
        "top": 1,
        "per_method": 1,
        "samples": 2,
        "max_new_tokens": 12,
        "limit": 4,
    },
}


def write_study(
    folder: Path, study: Mapping[str, Any], *, rows: int = 100, loss_on: str = "completion"
) -> Path:
    """The file of ``study``, named like it, with a tiny model and ``rows`` of its own in ``folder``."""
    model, file = write_model(folder / "model"), write_rows(folder / "rows.jsonl", rows=rows)
    data = {"train": str(file), "sequence_length": 64, "packing": "rows", "loss_on": loss_on}
    path = folder / f"{study['name']}.yaml"
    path.write_text(yaml.safe_dump({**study, "model": {"id": str(model)}, "data": data}))
    return path

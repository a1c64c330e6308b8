"""A study small enough to be run for real in seconds: a random model on disk, forty rows, seven methods."""

import json
from pathlib import Path
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.data.row_reader import read_rows
from astraios_ray.evaluation.loading import read_problems
from astraios_ray.methods import build, hyperparameters_of
from astraios_ray.models.nano import nano_tokenizer, random_model
from astraios_ray.records import Provenance, StudyRecord
from astraios_ray.search.backend import Backend
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.tuner import Tuner
from astraios_ray.space.space import build_space
from astraios_ray.tracking.in_memory_tracker import MemoryTracker
from astraios_ray.trial.contents import contents_of_model, contents_of_study

PROVENANCE = Provenance({}, "3.11", "a test")
METHODS: dict[str, dict[str, Any]] = {
    "full": {},
    "lora": {"r": 4, "dropout": 0.1},
    "ia3": {},
    "p_tuning": {"virtual_tokens": 3},
    "adapter_h": {"bottleneck": 4},
    "adapter_p": {"bottleneck": 4},
    "parallel": {"bottleneck": 4},
}


def write_model(folder: Path) -> Path:
    """A random nano-xs and its tokenizer, as a folder that transformers reads."""
    random_model("nano-xs", seed=0).save_pretrained(folder)
    nano_tokenizer().save_pretrained(folder)
    return folder


def contents_now(study: StudyConfig) -> dict[str, Any]:
    """The contents of model, rows and evaluators of the study."""
    problems = {task: list(read_problems(task).values()) for task in study.evaluate.tasks}
    of_data_and_tasks = contents_of_study(study, read_rows(study.data.ref()), problems)
    return {**of_data_and_tasks, "model": contents_of_model(study.model.ref())}


def write_rows(path: Path, rows: int = 40) -> Path:
    """Instruction rows that differ."""
    lines = [
        {"prompt": f"Write a function that adds {n}.", "completion": f"def add(x):\n    return x + {n}\n"}
        for n in range(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def tiny_study(model: Path, rows: Path, **sections: Any) -> StudyConfig:
    """All seven methods, two trials each, halving over nine steps; whole sections can be replaced."""
    raw: dict[str, Any] = {
        "name": "tiny",
        "model": {"id": str(model), "dtype": "fp32"},
        "data": {"train": str(rows), "sequence_length": 48, "packing": "rows"},
        "training": {"max_steps": 9, "validate_every": 3, "warmup_steps": 2, "batch_size": 4},
        "budget": {"trials": 14},
        "early_stop": {"rule": "halving", "grace": 3, "reduction": 3, "audit_fraction": 0.1},
        "defaults": {"learning_rate": {"min": 1e-3, "max": 1e-2, "log": True}},
        "methods": METHODS,
        **sections,
    }
    return StudyConfig.model_validate(raw)


def conduct(study: StudyConfig, folder: StudyFolder, backend: Backend) -> StudyRecord:
    """Run the study in the folder to its end."""
    tuner = Tuner(
        study,
        build_space(study, hyperparameters_of, build),
        folder=folder,
        tracker=MemoryTracker(),
        show=lambda progress: None,
        provenance=PROVENANCE,
    )
    try:
        tuner.run(backend)
        return tuner.record()
    finally:
        tuner.close()

"""Digests of the models, rows and evaluators that a study or command names, since they decide its results."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from astraios_ray.config.content import resolve
from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import Task, parse_task
from astraios_ray.data.row_reader import read_source
from astraios_ray.data.rows import ASSISTANT, USER, Row
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.methods.stored import METHOD_FILE
from astraios_ray.models.digests import file_digest, folder_digest
from astraios_ray.models.load_base import model_contents
from astraios_ray.records import DataRef, ModelRef, encode
from astraios_ray.records.digest import digest
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.subject import PEFT_FILE

ADAPTER = (SPEC_FILE, METHOD_FILE, PEFT_FILE, "config.json", "*.safetensors", "adapter_model.bin")

Contents = dict[str, str]  # digests or commits, by the name of the content


def contents_of_model(ref: ModelRef) -> Contents:
    """A hub model's commit, or digests of weights and tokenizer. A missing built-in model is made first."""
    return model_contents(ref, builtin_model)


def contents_of_adapter(folder: Path) -> Contents:
    """The digest of an adapter's settings and tensors."""
    return {"files": folder_digest(folder, ADAPTER)}


def contents_of_task(task: Task, problems: Sequence[Problem]) -> Contents:
    """Digests of a task's evaluator and of all its problems, which hold the used values of its rows."""
    evaluator = load_evaluator(str(task))
    code = file_digest(resolve("evaluator", task.evaluator))
    return {
        "evaluator": digest([code, evaluator.stop, evaluator.choices, evaluator.greedy]),
        "rows": digest([encode(problem) for problem in problems]),
    }


def contents_of_study(
    study: StudyConfig, train: Iterable[Row], problems_by_task: Mapping[str, Sequence[Problem]]
) -> dict[str, Any]:
    """The contents of rows and evaluators by the study's sections; ``contents_of_model`` has the model's.

    ``train`` are the rows of ``data.train``, ``problems_by_task`` the problems of each of ``evaluate.tasks``.
    """
    tasks = [(parse_task(task), problems) for task, problems in problems_by_task.items()]
    return {
        "data": _of_data(study.data_ref(), train),
        "evaluate": {task.label: contents_of_task(task, problems) for task, problems in tasks},
    }


def _of_data(ref: DataRef, train: Iterable[Row]) -> Contents:
    """Digests of the rows, and of the embedding model in a folder that selects a scenario's region."""
    contents = {"train": _rows_digest(train)}
    if ref.validation:
        validation = (read_source(source, ref).rows for source in ref.validation_sources)
        contents["validation"] = _rows_digest(chain.from_iterable(validation))
    if ref.mask and ref.mask.embedding and Path(ref.mask.embedding).is_dir():
        contents["embedding"] = folder_digest(Path(ref.mask.embedding), ["**/*"])
    return contents


def _rows_digest(rows: Iterable[Row]) -> str:
    """A digest of the rows' texts, each after its length, so that other splits have other digests.

    Roles count too where a row is not one prompt and its completion.
    """
    hasher = hashlib.sha256()
    for row in rows:
        roles = [turn.role for turn in row.turns]
        if roles != [USER, ASSISTANT]:
            hasher.update(f"{roles}\n".encode())
        for turn in row.turns:
            content = turn.text.encode()
            hasher.update(f"{len(content)}\n".encode() + content)
    return hasher.hexdigest()

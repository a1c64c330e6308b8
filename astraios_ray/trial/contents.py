"""What decides results behind the names in a study or a command: files and rows, each by its content."""

from collections.abc import Sequence
from pathlib import Path

from astraios_ray.config.content import resolve
from astraios_ray.config.tasks import Task
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.methods.stored import METHOD_FILE
from astraios_ray.models.digests import file_digest, folder_digest
from astraios_ray.models.load import model_contents
from astraios_ray.records import ModelRef, encode
from astraios_ray.records.digest import digest
from astraios_ray.training.pretrain import builtin_model
from astraios_ray.trial.exported import SPEC_FILE
from astraios_ray.trial.subject import PEFT_FILE

ADAPTER = (SPEC_FILE, METHOD_FILE, PEFT_FILE, "config.json", "*.safetensors", "adapter_model.bin")

Contents = dict[str, str]  # a digest or a commit, by what it is of


def contents_of_model(ref: ModelRef) -> Contents:
    """A hub model's commit, or digests of weights and tokenizer; a built-in is made where there is none."""
    return model_contents(ref, builtin_model)


def contents_of_adapter(folder: Path) -> Contents:
    """The digest of an adapter's settings and tensors."""
    return {"files": folder_digest(folder, ADAPTER)}


def contents_of_task(task: Task, problems: Sequence[Problem]) -> Contents:
    """Digests of a task's evaluator and of all its problems, which hold what matters of the rows."""
    evaluator = load_evaluator(str(task))
    code = file_digest(resolve("evaluator", task.evaluator))
    return {
        "evaluator": digest([code, evaluator.stop, evaluator.choices, evaluator.greedy]),
        "rows": digest([encode(problem) for problem in problems]),
    }

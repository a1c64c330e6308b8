"""A search on a folder with a T5: its trials are trained, scored, exported and loaded by others."""

from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import yaml
from torch import nn
from transformers import AutoModelForSeq2SeqLM

import astraios_ray as ar
from astraios_ray.trial.exported import load_exported
from tests.fakes.backends import tiny_study, write_rows
from tests.fakes.tiny_t5 import write_t5

IDS, START = torch.arange(3, 33).reshape(2, 15), torch.zeros(2, 3, dtype=torch.long)
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated"
)  # peft asks for it
TASKS = ["defect_detection?data=builtin&scoring=likelihood", "text_to_code?data=builtin"]
METHODS: dict[str, Any] = {
    "full": {}, "lora": {"r": 2}, "ia3": {}, "p_tuning": {"virtual_tokens": 3},
    "adapter_h": {"bottleneck": 2}, "adapter_p": {"bottleneck": 2}, "parallel": {"bottleneck": 2},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ar.Run:
    folder = tmp_path_factory.mktemp("seq2seq")
    model = write_t5(folder / "model", "bos and eos", gated=True)
    config = tiny_study(model, write_rows(folder / "rows.jsonl"), methods=METHODS)
    changed = {
        "output": str(folder),
        "tracking": {"mlflow": False},
        "data": {"train": str(folder / "rows.jsonl"), "sequence_length": 96},
        "training": {"max_steps": 2, "validate_every": 1, "warmup_steps": 0, "batch_size": 4},
        "early_stop": {"rule": "none"},
        "budget": {"trials": len(METHODS)},
        "evaluate": {"tasks": TASKS, "top": 0, "samples": 1, "max_new_tokens": 8, "limit": 3},
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump({**config.resolved(), **changed}))
    return ar.search(path, backend="local")


@torch.no_grad()
def logits(model: nn.Module) -> torch.Tensor:
    answer: torch.Tensor = model(input_ids=IDS, decoder_input_ids=START).logits
    return answer


def plain(run: ar.Run) -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(run.folder.parent / "model")


def test_every_method_is_trained_and_scored_and_the_resolved_study_says_how(run: ar.Run) -> None:
    assert {result.spec.method for result in run.record.results} == METHODS.keys()
    assert all(result.state.value == "complete" for result in run.record.results)
    assert all(len(result.scores) == len(TASKS) for result in run.record.results)
    resolved = yaml.safe_load((run.folder / "resolved.yaml").read_text())
    assert (resolved["data"]["packing"], resolved["data"]["loss_on"]) == ("rows", "completion")


@pytest.mark.parametrize("method", ["full", "lora", "p_tuning", "adapter_h"])
def test_an_exported_trial_is_loaded_as_its_readme_says(method: str, run: ar.Run, tmp_path: Path) -> None:
    exported = ar.export(run, method, to=tmp_path / method)
    expected = logits(load_exported(tmp_path / method)[0])
    assert not torch.allclose(expected, logits(plain(run)))
    scope: dict[str, Any] = {}
    exec(exported.snippet, scope)
    assert torch.allclose(logits(scope["model"].eval()), expected, atol=1e-5)


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_a_merged_trial_needs_transformers_alone(method: str, run: ar.Run, tmp_path: Path) -> None:
    expected = logits(load_exported(ar.export(run, method, to=tmp_path / "adapter").folder)[0])
    ar.export(run, method, to=tmp_path / "merged", merge=True)
    assert torch.allclose(
        logits(AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "merged")), expected, atol=1e-5
    )


def test_peft_knows_the_task_of_an_adapter(run: ar.Run, tmp_path: Path) -> None:
    ar.export(run, "lora", to=tmp_path / "lora")
    assert isinstance(
        peft.AutoPeftModelForSeq2SeqLM.from_pretrained(tmp_path / "lora"), peft.PeftModelForSeq2SeqLM
    )

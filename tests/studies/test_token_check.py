"""Rows and prompts with tokens that a model has no embedding for are named before anything starts."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from transformers import LlamaConfig, LlamaForCausalLM

from astraios_ray.cli.main import cli
from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import DataError
from astraios_ray.studies.memory_estimate import model_without_weights
from astraios_ray.studies.token_check import check_tokens
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.echo import SOURCE

ADDED = "<|im_end|>"  # a token of the tokenizer that the model was never resized for


@pytest.fixture
def study_with(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    tokenizer = byte_tokenizer("bos")
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path / "model")
    tokenizer.add_special_tokens({"additional_special_tokens": [ADDED]})
    tokenizer.save_pretrained(tmp_path / "model")
    (tmp_path / "echo.py").write_text(SOURCE)

    def make(completions: Sequence[str], prompt: str = "a") -> dict[str, Any]:
        rows = [{"prompt": "a", "completion": completion} for completion in completions]
        (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        (tmp_path / "problems.jsonl").write_text(json.dumps({"id": "one", "prompt": prompt}) + "\n")
        return {
            "name": "added",
            "model": {"id": str(tmp_path / "model"), "dtype": "fp32"},
            "data": {"train": str(tmp_path / "rows.jsonl"), "sequence_length": 64, "packing": "rows"},
            "training": {"max_steps": 2, "validate_every": 1, "warmup_steps": 1, "batch_size": 2},
            "early_stop": {"rule": "none"},
            "budget": {"trials": 1},
            "methods": {"ia3": {}},
            "evaluate": {"tasks": [f"{tmp_path / 'echo.py'}?data={tmp_path / 'problems.jsonl'}"]},
            "tracking": {"mlflow": False},
            "output": str(tmp_path / "runs"),
        }

    return make


def check(raw: dict[str, Any]) -> None:
    study = StudyConfig.model_validate(raw)
    check_tokens(study, model_without_weights(study))


def test_the_first_row_with_such_a_token_is_named(study_with: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(DataError, match=r"rows\.jsonl:2: has token id 264 .* has 264 embeddings.*Resize"):
        check(study_with(["b", f"c{ADDED}", ADDED]))


def test_so_is_a_prompt(study_with: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(DataError, match=r"echo\.py.*, problem one: has token id 264"):
        check(study_with(["b", "c"], prompt=ADDED))


def test_a_token_that_no_text_has_does_no_harm(study_with: Callable[..., dict[str, Any]]) -> None:
    check(study_with(["b", "c"]))


def test_plan_says_so_and_exits_with_2(study_with: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(study_with(["b", f"c{ADDED}"])))
    result = CliRunner().invoke(cli, ["plan", str(path)])
    assert result.exit_code == 2
    assert "rows.jsonl:2: has token id 264" in result.output


def test_a_search_is_refused_before_it_has_a_folder(
    study_with: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(study_with(["b", f"c{ADDED}"])))
    result = CliRunner().invoke(cli, ["search", str(path), "--backend", "local"])
    assert isinstance(result.exception, DataError)
    assert not (tmp_path / "runs").exists()

"""A search on a model whose tokenizer begins every text with special tokens."""

import json
from pathlib import Path

import yaml
from transformers import LlamaConfig, LlamaForCausalLM

from astraios_ray.search.journal import read_journal
from tests.end_to_end.searches import run_to_end, search
from tests.fakes.backends import write_rows
from tests.fakes.byte_tokenizers import byte_tokenizer

TASK = "defect_detection?data=builtin&scoring=likelihood"


def write_llama(folder: Path) -> Path:
    tokenizer = byte_tokenizer("bos and eos")
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=512,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_its_session_and_scores_name_the_special_tokens(tmp_path: Path) -> None:
    study = {
        "name": "bos",
        "model": {"id": str(write_llama(tmp_path / "model"))},
        "data": {"train": str(write_rows(tmp_path / "rows.jsonl")), "sequence_length": 96, "packing": "rows"},
        "training": {"max_steps": 2, "validate_every": 1, "warmup_steps": 1, "batch_size": 4},
        "budget": {"trials": 1},
        "early_stop": {"rule": "none", "grace": 1},
        "search": {"sampler": "random", "startup_per_method": 1},
        "methods": {"ia3": {}},
        "evaluate": {"tasks": [TASK]},
        "tracking": {"mlflow": False},
        "output": str(tmp_path / "runs"),
    }
    path = tmp_path / "bos.yaml"
    path.write_text(yaml.safe_dump(study))
    board = run_to_end([*search(path, "--backend", "local"), "--json"])
    records = list(read_journal(tmp_path / "runs" / "bos" / "journal.jsonl"))
    assert [r["prompts_begin"] for r in records if r["kind"] == "session"] == [["<s>"]]
    assert [r["asked"]["prompts_begin"] for r in records if r["kind"] == "scored"] == [["<s>"]] * 2
    assert "defect_detection" in json.dumps(board)

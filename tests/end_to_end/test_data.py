"""Searches on chat rows, on raw source files and on two weighted sources, each from rows to leaderboard."""

import gzip
import json
import math
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from transformers import LlamaConfig, LlamaForCausalLM

from astraios_ray.cli.main import cli
from astraios_ray.errors import StudyChanged
from astraios_ray.search.journal import read_journal
from tests.fakes.byte_tokenizers import CHAT, byte_tokenizer
from tests.fakes.chat_templates import CHATML

TASKS = ["defect_detection?data=builtin&scoring=likelihood", "code_refinement?data=builtin"]
RUNS_OUT = {"rule": "none", "grace": 1}


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The handling of signals is as before afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama with a chat template."""
    folder = tmp_path_factory.mktemp("model")
    tokenizer = byte_tokenizer("bos", more=CHAT)
    tokenizer.chat_template = CHATML
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=640,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_study(folder: Path, model: Path, data: dict[str, Any], **sections: Any) -> Path:
    study = {
        "name": "small",
        "model": {"id": str(model)},
        "data": {"sequence_length": 128, "packing": "rows", "loss_on": "completion", **data},
        "training": {"max_steps": 2, "validate_every": 1, "warmup_steps": 1, "batch_size": 4},
        "budget": {"trials": 1},
        "early_stop": RUNS_OUT,
        "search": {"sampler": "random", "startup_per_method": 1},
        "methods": {"lora": {"r": 2}},
        "evaluate": {"which": "none"},
        "tracking": {"mlflow": False},
        "output": str(folder / "runs"),
        **sections,
    }
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(study))
    return path


def losses(folder: Path) -> list[float]:
    journal = read_journal(folder / "runs" / "small" / "journal.jsonl")
    return [
        point["loss"]
        for record in journal
        if record["kind"] == "train_report"
        for point in record["train_report"]["points"]
    ]


def invoke(*words: str, exit_code: int = 0) -> str:
    """What a command prints, in this process."""
    result = CliRunner().invoke(cli, list(words), catch_exceptions=True)
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result.output


def searched(study: Path) -> str:
    """What a search prints that runs to its end."""
    output = invoke("search", str(study), "--backend", "local")
    assert losses(study.parent)
    assert all(math.isfinite(loss) for loss in losses(study.parent))
    return output


def tokens_of(study: Path) -> dict[str, Any]:
    page: dict[str, Any] = json.loads(invoke("plan", str(study), "--show-tokens", "--json"))["tokens"]
    return page


def refusal(study: Path) -> str:
    """What a search says that does not start."""
    result = CliRunner().invoke(cli, ["search", str(study), "--backend", "local"])
    assert isinstance(result.exception, StudyChanged), result.output
    return str(result.exception)


def conversation(number: int) -> dict[str, object]:
    turns = [
        ("user", f"Add {number}."),
        ("assistant", f"x + {number}"),
        ("user", "Why?"),
        ("assistant", "So."),
    ]
    return {"messages": [{"role": role, "content": text} for role, text in turns], "id": number}


def test_a_search_on_chat_rows_trains_and_asks_in_the_models_own_template(
    model: Path, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps(conversation(number)) + "\n" for number in range(20)))
    data = {"train": str(rows), "template": "chat", "system": "Be brief."}
    evaluate = {"tasks": TASKS, "max_new_tokens": 8, "limit": 2, "samples": 1}
    study = write_study(tmp_path, model, data, evaluate=evaluate)
    page = tokens_of(study)
    begin = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    for text in [*page["trained"], *page["asked"]]:
        assert "".join(text["tokens"]).startswith(begin)
        before = "".join(text["tokens"][: text["answer"]])
        assert before.endswith("<|im_end|>\n<|im_start|>assistant\n")
    learnt = ["".join(compress_learnt(text)) for text in page["trained"]]
    assert all(text.startswith("x + ") and text.endswith("So.<|im_end|>\n") for text in learnt)
    searched(study)
    journal = read_journal(tmp_path / "runs" / "small" / "journal.jsonl")
    scored = {record["score"]["evaluator"] for record in journal if record["kind"] == "scored"}
    assert scored == {"defect_detection-likelihood", "code_refinement"}
    rows.write_text(rows.read_text() + json.dumps(conversation(99)) + "\n")
    assert "data.train: the content was" in refusal(study)


def compress_learnt(text: dict[str, Any]) -> list[str]:
    return [token for token, is_learnt in zip(text["tokens"], text["learnt"], strict=True) if is_learnt]


def test_a_search_on_raw_python_files_learns_all_of_them_for_its_epochs(model: Path, tmp_path: Path) -> None:
    for number in range(12):
        place = tmp_path / "code" / f"part{number % 3}" / f"f{number}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"def f{number}(x):\n    return x + {number}\n")
    data = {"train": str(tmp_path / "code"), "template": "none", "validation_fraction": 0.25}
    training = {"epochs": 3, "validate_every": 2, "warmup_steps": 1, "batch_size": 4}
    study = write_study(tmp_path, model, data, training=training)
    searched(study)
    resolved = yaml.safe_load((tmp_path / "runs" / "small" / "resolved.yaml").read_text())
    assert resolved["training"]["max_steps"] == 8  # 3 epochs of 9 rows, 4 a step, up to a validation
    assert len(losses(tmp_path)) == 4
    (tmp_path / "code" / "part1" / "f1.py").write_text("x = 1\n")
    assert "data.train: the content was" in refusal(study)


def test_a_search_on_two_weighted_sources_says_what_it_does_not_use(model: Path, tmp_path: Path) -> None:
    pairs, table = tmp_path / "pairs.jsonl.gz", tmp_path / "table.csv"
    lines = [{"prompt": f"p{n}", "completion": f"c{n}" if n else "", "lang": "Python"} for n in range(13)]
    pairs.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    table.write_text("instruction,input,output\n" + "".join(f"i{n},x{n},o{n}\n" for n in range(8)))
    train = [{"source": str(pairs), "weight": 1}, {"source": str(table), "weight": 3}]
    template = "### Instruction:\n{{ prompt }}\n\n### Response:\n{{ completion }}"
    study = write_study(tmp_path, model, {"train": train, "template": template, "validation_fraction": 0.2})
    words = searched(study)
    assert f"{pairs}: 1 of 13 rows have no answer and are left out. Columns that are not used: lang." in words
    page = tokens_of(study)
    assert "".join(page["trained"][0]["tokens"]).startswith("<s>### Instruction:\n")

"""Rows from mapped files are those that lists in memory made, and chunks do not change them."""

import json
import logging
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from astraios_ray.data import token_files
from astraios_ray.data.token_files import mapped, tokenise
from astraios_ray.errors import ConfigError, DataError, TornFile
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef, Mask
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.list_packing import tokenised_in_lists
from tests.fakes.tokenised import every

PACKINGS: tuple[Mapping[str, Any], ...] = (
    {"packing": "rows"},
    {"packing": "rows", "loss_on": "completion"},
    {"packing": "blocks"},
    {"packing": "blocks", "isolate_documents": True},
    {"packing": "blocks", "isolate_documents": True, "drop_tail": False, "loss_on": "completion"},
    {"packing": "blocks", "isolate_documents": True, "split_samples": False},
    {"packing": "blocks", "split_samples": False, "loss_on": "completion"},
)
MASK = Mask("length", low=0.5, training_set="few", keep=0.3)
SOURCES: tuple[Mapping[str, Any], ...] = ({}, {"mask": MASK}, {"validation": "builtin:primer"}, {"seed": 3})


def write_lines(path: Path, records: Iterable[Mapping[str, str]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Rows of 1 to 300 tokens, some with letters that take several bytes, and equal ones."""
    draws = random.Random(1)
    words = ("return", "x", "=", "(y)", "\n    ", "straße", "日本", "🙂", "0")
    texts = [" ".join(draws.choices(words, k=draws.randint(1, 60))) for _ in range(250)]
    records = [
        {"prompt": f"{number % 90} {text[:20]}", "completion": text} for number, text in enumerate(texts)
    ]
    return str(write_lines(tmp_path_factory.mktemp("rows") / "rows.jsonl", records))


@pytest.mark.parametrize("chunk", [1 << 18, 500], ids=["one chunk", "many chunks"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: ", ".join(source) or "split")
def test_rows_and_counts_are_those_of_lists_to_the_bit(
    source: Mapping[str, Any], chunk: int, rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_files, "CHUNK", chunk)
    tokenizer = byte_tokenizer("bos")
    for number, packing in enumerate(PACKINGS):
        ref = DataRef(rows, **{"sequence_length": 90, "limit": 200, **packing, **source})
        folder = tmp_path / str(number)
        folder.mkdir()
        tokenise(ref, tokenizer, tokenizer.eos_token_id, folder, lambda share: None)
        blocks, (parts, about) = mapped(folder), tokenised_in_lists(ref, tokenizer, tokenizer.eos_token_id)
        assert about.items() <= blocks.about.items(), packing
        for name, part in (("train", blocks.train), ("validation", blocks.validation)):
            expected, made = parts[name], every(part)
            assert all(torch.equal(vars(made)[key], vars(expected)[key]) for key in vars(expected)), packing
            assert {tensor.dtype for tensor in vars(made).values()} == {torch.int64}
            assert (part.filled, part.documents) == (expected.filled, expected.documents), packing
            assert (len(part), part.length) == (len(expected), expected.length), packing


def test_several_buffers_of_blocks_are_those_of_lists(tmp_path: Path) -> None:
    ref = DataRef("builtin:primer", sequence_length=8, isolate_documents=True, limit=1500)
    tokenizer = nano_tokenizer()
    tokenise(ref, tokenizer, 0, tmp_path, lambda share: None)
    parts, _ = tokenised_in_lists(ref, tokenizer, 0)
    assert len(parts["train"]) > 3000
    for key, tensor in vars(parts["train"]).items():
        assert torch.equal(vars(every(mapped(tmp_path).train))[key], tensor)


def test_a_batch_has_its_rows_in_the_order_asked_for(rows: str, tmp_path: Path) -> None:
    ref = DataRef(rows, packing="rows", sequence_length=60)
    tokenise(ref, byte_tokenizer("bos"), 3, tmp_path, lambda share: None)
    train = mapped(tmp_path).train
    numbers = torch.tensor([7, 0, 7, len(train) - 1])
    assert torch.equal(train.at(numbers).input_ids, every(train).input_ids[numbers])


def test_what_was_lost_is_logged_when_it_is_made_and_when_it_is_said_again(
    rows: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ref = DataRef(rows, packing="rows", sequence_length=60)
    with caplog.at_level(logging.WARNING):
        tokenise(ref, byte_tokenizer("bos"), 3, tmp_path, lambda share: None)
        made = list(caplog.messages)
        token_files.warn(mapped(tmp_path))
    assert [message.partition(":")[0] for message in made] == [
        "train rows of at most 60 tokens", "validation rows of at most 60 tokens",
    ]  # fmt: skip
    assert caplog.messages == made * 2


def test_progress_rises_to_one(rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_files, "CHUNK", 1000)
    shares: list[float] = []
    tokenise(DataRef(rows, packing="rows"), byte_tokenizer("bos"), 3, tmp_path, shares.append)
    assert len(shares) > 5
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_a_row_that_the_template_cannot_write_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "rows.jsonl", [{"prompt": "a", "completion": "b"}, {"text": "raw"}])
    ref = DataRef(str(path), str(path), packing="rows")
    with pytest.raises(DataError, match=r"rows\.jsonl:2: data\.template astraios writes one question"):
        tokenise(ref, byte_tokenizer("bos"), 3, tmp_path, lambda share: None)


def test_another_packing_is_refused(rows: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.packing: found 'tight', expected blocks or rows"):
        tokenise(DataRef(rows, packing="tight"), byte_tokenizer("bos"), 3, tmp_path, lambda share: None)


@pytest.mark.parametrize("file", ["train.tokens", "about.json", "validation.spans.npy"])
def test_damaged_files_are_not_read(file: str, rows: str, tmp_path: Path) -> None:
    tokenise(DataRef(rows, packing="rows"), byte_tokenizer("bos"), 3, tmp_path, lambda share: None)
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[: len(content) // 8 * 4])
    with pytest.raises(TornFile, match="is damaged"):
        mapped(tmp_path)

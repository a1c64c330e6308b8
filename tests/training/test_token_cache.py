"""Rows are tokenised once on a machine, known by contents, and never read half-written."""

import json
import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import torch
from filelock import FileLock

from astraios_ray.data.token_files import tokenise
from astraios_ray.data.tokenise import Blocks
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef, Mask
from astraios_ray.training import token_cache as module
from astraios_ray.training import token_entry
from astraios_ray.training.token_cache import TokenCache, token_cache
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.rewriting import copy_again
from tests.fakes.tokenised import every

END = 3


@pytest.fixture
def ref(tmp_path: Path) -> DataRef:
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder / "rows.jsonl")
    return DataRef(str(folder / "rows.jsonl"), packing="rows", sequence_length=64)


@pytest.fixture
def cache(tmp_path: Path) -> TokenCache:
    return TokenCache(tmp_path / "tokens", least=0)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders into which rows were tokenised."""
    folders = list[Path]()

    def noted(ref: DataRef, tokenizer: Any, eos_id: int, folder: Path, *rest: Any, **named: Any) -> None:
        folders.append(folder)
        tokenise(ref, tokenizer, eos_id, folder, *rest, **named)

    monkeypatch.setattr(module, "tokenise", noted)
    return folders


def write(path: Path, first: str = "one") -> None:
    records = [
        {"prompt": f"{number}", "completion": first if number == 0 else "text"} for number in range(30)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def blocks(cache: TokenCache, ref: DataRef, tokenizer: Any = None) -> Blocks:
    return cache.blocks(ref, tokenizer or byte_tokenizer("bos"), END)


def entries(cache: TokenCache) -> set[str]:
    return {path.name for path in cache.folder.iterdir() if path.is_dir()}


def test_rows_are_tokenised_once_and_mapped_again(cache: TokenCache, ref: DataRef, made: list[Path]) -> None:
    first, second = blocks(cache, ref), blocks(cache, ref)
    assert len(made) == 1
    assert (first.about, first.front) == (second.about, second.front)
    assert torch.equal(every(first.train).labels, every(second.train).labels)


def test_the_entries_lie_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", str(tmp_path))
    assert token_cache() == TokenCache(tmp_path / "tokens", least=module.LEAST)


def test_one_process_tokenises_and_the_others_wait(cache: TokenCache, ref: DataRef, made: list[Path]) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: blocks(cache, ref), range(4)))
    assert len(made) == 1
    assert len({tuple(every(result.train).input_ids.flatten().tolist()) for result in results}) == 1


def test_one_that_waits_says_so(
    cache: TokenCache, ref: DataRef, made: list[Path], caplog: pytest.LogCaptureFixture
) -> None:
    blocks(cache, ref)
    (name,) = entries(cache)
    shutil.rmtree(cache.folder / name)
    logged = Event()
    handler = logging.Handler()
    handler.emit = lambda record: logged.set()  # type: ignore[method-assign]  # a handler of one line
    logging.getLogger(module.__name__).addHandler(handler)
    with ThreadPoolExecutor(1) as pool:
        with FileLock(cache.folder / f"{name}.lock"):
            waiting = pool.submit(blocks, cache, ref)
            assert logged.wait(60)
            assert not waiting.done()
        waiting.result(60)
    logging.getLogger(module.__name__).removeHandler(handler)
    assert f"Another process tokenises {ref.train}; waiting for it." in caplog.messages
    assert len(made) == 2


def _other_text(ref: DataRef) -> DataRef:
    write(Path(str(ref.train)), first="two")
    return ref


CHANGES: dict[str, Callable[[DataRef], DataRef]] = {
    "a text": _other_text,
    "the packing": lambda ref: replace(ref, packing="blocks"),
    "the length": lambda ref: replace(ref, sequence_length=63),
    "the labels": lambda ref: replace(ref, loss_on="completion"),
    "the template": lambda ref: replace(ref, template="none"),
    "the seed": lambda ref: replace(ref, seed=1),
    "the training set": lambda ref: replace(ref, mask=Mask("token", element="text", training_set="few")),
    "the validation rows": lambda ref: replace(ref, validation=str(ref.train)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_rows_that_anything_else_decides_are_another_entry(
    change: str, cache: TokenCache, ref: DataRef, made: list[Path]
) -> None:
    blocks(cache, ref)
    blocks(cache, CHANGES[change](ref))
    assert len(made) == len(entries(cache)) == 2


def test_so_are_those_of_another_tokenizer_and_another_code(
    cache: TokenCache, ref: DataRef, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks(cache, ref)
    blocks(cache, ref, byte_tokenizer("two in front"))
    chat = byte_tokenizer("bos")
    chat.chat_template = "{{ messages }}"
    blocks(cache, ref, chat)
    monkeypatch.setattr(token_entry, "_code_digest", lambda: "another version")
    blocks(cache, ref)
    assert len(made) == len(entries(cache)) == 4


def test_the_same_contents_in_new_files_are_the_same_entry(
    cache: TokenCache, ref: DataRef, made: list[Path]
) -> None:
    blocks(cache, ref)
    copy_again(Path(str(ref.train)).parent)
    blocks(cache, ref)
    assert len(made) == 1


def test_a_writer_that_was_killed_blocks_nobody_and_leaves_nothing(
    cache: TokenCache, ref: DataRef, made: list[Path]
) -> None:
    blocks(cache, ref)
    (name,) = entries(cache)
    half = cache.folder / f".{name}-half"
    (cache.folder / name).rename(half)
    (half / "train.tokens").write_bytes(b"")
    assert len(blocks(cache, ref).train) == 27
    assert entries(cache) == {name}
    assert len(made) == 2


def test_an_entry_that_breaks_down_is_absent(
    cache: TokenCache, ref: DataRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(ref: DataRef, tokenizer: Any, eos_id: int, folder: Path, *rest: Any, **named: Any) -> None:
        (folder / "train.tokens").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "tokenise", breaks)
    with pytest.raises(KeyboardInterrupt):
        blocks(cache, ref)
    assert entries(cache) == set()


def test_rows_that_change_while_they_are_tokenised_are_refused(cache: TokenCache, ref: DataRef) -> None:
    with pytest.raises(DataError, match=r"rows\.jsonl: changed while its rows were tokenised; start again"):
        cache.blocks(ref, byte_tokenizer("bos"), END, lambda share: write(Path(str(ref.train)), "two"))
    assert entries(cache) == set()


def test_small_files_are_not_worth_an_entry(cache: TokenCache, ref: DataRef, made: list[Path]) -> None:
    assert len(blocks(replace(cache, least=1 << 20), ref).train) == 27
    assert not cache.folder.exists()
    assert not made[0].exists()


def test_where_no_entry_can_be_written_each_process_has_its_own(
    tmp_path: Path, ref: DataRef, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    cache = TokenCache(tmp_path / "file" / "tokens", least=0)
    assert len(blocks(cache, ref).train) == 27
    assert any("cannot be used, so this process has its own" in message for message in caplog.messages)


def test_a_damaged_entry_is_named_and_not_read(
    cache: TokenCache, ref: DataRef, caplog: pytest.LogCaptureFixture
) -> None:
    expected = every(blocks(cache, ref).train).input_ids
    (name,) = entries(cache)
    (cache.folder / name / "train.tokens").write_bytes(b"\0\0\0\0")
    assert torch.equal(every(blocks(cache, ref).train).input_ids, expected)
    assert any(f"{name}: is damaged" in message for message in caplog.messages)


def test_a_missing_file_is_told_as_by_its_reader(cache: TokenCache, ref: DataRef) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        blocks(cache, replace(ref, train="absent.jsonl"))


def test_a_tokenisation_that_takes_long_is_logged(
    cache: TokenCache, ref: DataRef, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.0)
    blocks(cache, ref)
    assert f"Tokenising {ref.train}: 100%" in caplog.messages

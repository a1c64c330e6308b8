"""Weights that the processes of one machine share have the same bits and take no private memory."""

import ctypes
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, GPT2Config

from astraios_ray.models.load_base import DTYPES, Base, load_base
from astraios_ray.models.nano import nano_tokenizer, random_model
from astraios_ray.models.shared_weights import MAPS, SharedBases, private_bytes
from astraios_ray.records import ModelRef
from tests.fakes.cpus import cpu_with_avx512_bf16
from tests.fakes.hub import cached
from tests.fakes.tiny_models import tiny_model, tokens

pytestmark = pytest.mark.skipif(not MAPS.exists(), reason="only Linux says in /proc what is mapped")
OTHER_FORMS = [("fp32", "bf16", "none"), ("bf16", "fp32", "none"), ("fp32", "fp32", "int8"),
               ("bf16", "bf16", "int8"), ("fp32", "bf16", "nf4")]  # fmt: skip
M_MMAP_THRESHOLD = -3  # of mallopt(3)
IDS = torch.arange(1, 25).view(2, 12)


@pytest.fixture
def shared(tmp_path: Path) -> SharedBases:
    return SharedBases(tmp_path / "bases", least=1)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of one random model, by the dtype of their files."""
    folders = {dtype: tmp_path_factory.mktemp(dtype) for dtype in DTYPES}
    for dtype, folder in folders.items():
        write(random_model("nano-xs", seed=0).to(DTYPES[dtype]), folder)
    return {dtype: str(folder) for dtype, folder in folders.items()}


def write(model: Any, folder: Path, **options: Any) -> str:
    model.save_pretrained(folder, **options)
    tokenizer().save_pretrained(folder)
    return str(folder)


@cache
def tokenizer() -> Any:
    return nano_tokenizer()


def logits(base: Base) -> torch.Tensor:
    with torch.no_grad():
        result: torch.Tensor = base.model(IDS).logits
    return result


def anonymous_bytes() -> int:
    """The memory of this process that belongs to no file (proc_pid_smaps(5))."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Anonymous:"))


def files(shared: SharedBases) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in shared.folder.rglob("*.safetensors")}


@pytest.mark.parametrize("packed", [False, True], ids=["", "avx512bf16"])  # CPUs on which nf4 may be packed
@pytest.mark.parametrize(("files_have", "dtype", "quantization"), OTHER_FORMS)
def test_weights_in_another_form_than_the_files_are_mapped_and_the_same_to_the_bit(
    stored: dict[str, str], shared: SharedBases, files_have: str, dtype: str, quantization: str, packed: bool
) -> None:
    ref = ModelRef(stored[files_have], dtype=dtype, quantization=quantization)
    with cpu_with_avx512_bf16(packed):
        private, first, second = load_base(ref), load_base(ref, shared=shared), load_base(ref, shared=shared)
    assert private_bytes(private.model) > 0
    for base in (first, second):
        assert private_bytes(base.model) == 0
        private_tensors, mapped_tensors = private.model.state_dict(), base.model.state_dict()
        assert {k: str(v) for k, v in private_tensors.items()} == {
            k: str(v) for k, v in mapped_tensors.items()
        }
        assert torch.equal(logits(private), logits(base))
        assert private_bytes(base.model) == 0  # no forward pass has packed them anew
        assert base.revision == private.revision and base.parameters == private.parameters
        assert base.model.name_or_path == private.model.name_or_path == ref.id


@pytest.mark.parametrize("architecture", ["GPT2", "Llama"])
def test_tied_heads_and_heads_of_their_own_come_back_as_they_were(
    tmp_path: Path, shared: SharedBases, architecture: str
) -> None:
    ref = ModelRef(write(tiny_model(architecture), tmp_path / "model"), dtype="bf16")
    private, mapped = load_base(ref), load_base(ref, shared=shared)
    assert private_bytes(mapped.model) == 0
    assert torch.equal(private.model(tokens()).logits, mapped.model(tokens()).logits)


def test_a_hub_model_is_shared_by_its_commit(
    stored: dict[str, str], tmp_path: Path, shared: SharedBases, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ModelRef("some/model", revision=cached(Path(stored["fp32"]), tmp_path, monkeypatch), dtype="bf16")
    private, mapped = load_base(ref), load_base(ref, shared=shared)
    assert private_bytes(mapped.model) == 0 < private_bytes(private.model)
    assert mapped.revision == private.revision == ref.revision
    assert mapped.model.name_or_path == private.model.name_or_path
    assert torch.equal(logits(mapped), logits(private))


@pytest.mark.parametrize("options", [{}, {"max_shard_size": "100KB"}], ids=["one file", "several"])
def test_weights_in_the_files_own_dtype_are_mapped_from_there_and_nothing_is_written(
    tmp_path: Path, shared: SharedBases, options: dict[str, str]
) -> None:
    folder = write(random_model("nano-xs", seed=0), tmp_path / "model", **options)
    assert private_bytes(load_base(ModelRef(folder), shared=shared).model) == 0
    assert not files(shared)


def test_one_more_copy_takes_hardly_any_memory_of_its_own(tmp_path: Path, shared: SharedBases) -> None:
    """Weights are mapped each for itself: else a copy may lie where something else lay before."""
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)
    config = GPT2Config(n_embd=512, n_layer=8, n_head=4, vocab_size=640, bos_token_id=0, eos_token_id=0)
    ref = ModelRef(write(AutoModelForCausalLM.from_config(config), tmp_path / "model"), dtype="bf16")
    bases = [load_base(ref, shared=shared)]
    size = sum(p.nbytes for p in bases[0].model.parameters())

    def growth(shared_bases: SharedBases | None) -> int:
        start = anonymous_bytes()
        bases.append(load_base(ref, shared=shared_bases))
        logits(bases[-1])
        return anonymous_bytes() - start

    assert growth(shared) < size / 4
    assert growth(None) > size / 2


def test_who_writes_into_mapped_weights_changes_no_file_and_nobody_elses(
    stored: dict[str, str], shared: SharedBases
) -> None:
    ref = ModelRef(stored["fp32"], dtype="bf16")
    first, second = (load_base(ref, shared=shared) for _ in range(2))
    contents, expected = files(shared), logits(second)
    for parameter in first.model.parameters():
        parameter.data.add_(1)
    assert not torch.equal(logits(first), expected)
    assert contents and files(shared) == contents
    assert torch.equal(logits(second), expected)


def test_files_that_were_written_anew_are_another_model(tmp_path: Path, shared: SharedBases) -> None:
    model: Any = random_model("nano-xs", seed=0)
    ref = ModelRef(write(model, tmp_path / "model"), dtype="bf16")
    old = load_base(ref, shared=shared)
    model.transformer.h[0].mlp.c_fc.weight.data.add_(1)  # neither the file's beginning nor its end
    model.save_pretrained(tmp_path / "model")
    new = load_base(ref, shared=shared)
    assert torch.equal(logits(new), logits(load_base(ref)))
    assert not torch.equal(logits(new), logits(old))


def test_files_of_the_same_size_and_time_with_other_content_are_another_model(
    tmp_path: Path, shared: SharedBases
) -> None:
    model: Any = random_model("nano-xs", seed=0)
    ref = ModelRef(write(model, tmp_path / "model"), dtype="bf16")
    old = load_base(ref, shared=shared)
    stats = {path: path.stat() for path in (tmp_path / "model").iterdir()}
    model.transformer.h[0].mlp.c_fc.weight.data.add_(1)
    model.save_pretrained(tmp_path / "model")
    for path, stat in stats.items():
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert not torch.equal(logits(load_base(ref, shared=shared)), logits(old))


def test_one_process_converts_and_the_others_wait(shared: SharedBases) -> None:
    loaded = []

    def load() -> Any:
        loaded.append(tiny_model())
        return loaded[-1]

    def ask(_: int) -> Any:
        return shared.model("tiny", load, lambda folder: tiny_model())

    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(ask, range(4)))
    assert len(loaded) == 1
    assert not any(model is loaded[0] for model in models)


def test_what_is_read_otherwise_than_it_was_written_is_not_kept(
    shared: SharedBases, caplog: pytest.LogCaptureFixture
) -> None:
    model = tiny_model()
    assert shared.model("tiny", lambda: model, lambda folder: tiny_model(seed=1)) is model
    assert "tiny is not written, so each process has its own copy: 'lm_head.weight' is read" in caplog.text
    assert [path.name for path in shared.folder.iterdir()] in (["tiny.lock"], [])


class Vast(nn.Module):
    """A model larger than any disk, which takes no memory."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1 << 60, dtype=torch.uint8, device="meta"), False)


@pytest.mark.parametrize("blocked", [False, True], ids=["a full disk", "a folder that cannot be made"])
def test_without_room_on_the_disk_each_process_has_its_own_copy_and_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, blocked: bool
) -> None:
    (tmp_path / "file").touch()
    folder, words = (tmp_path / "file", "cannot be kept") if blocked else (tmp_path, "MiB are free")
    model, read = Vast(), refused
    assert SharedBases(folder / "bases").model("vast", lambda: model, read) is model
    assert words in caplog.text and caplog.records[0].levelno == logging.WARNING


def refused(folder: Path) -> Any:
    raise AssertionError(f"{folder} was read")


def test_a_copy_of_a_few_bytes_is_not_worth_a_file(tmp_path: Path) -> None:
    few: Callable[[], nn.Module] = tiny_model
    SharedBases(tmp_path).model("tiny", few, refused)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]

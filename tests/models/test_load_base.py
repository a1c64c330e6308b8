"""Base models are loaded from folders, safely and reproducibly."""

import json
import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from astraios_ray.errors import ConfigError
from astraios_ray.models.load_base import empty_model, load_base, model_contents
from astraios_ray.models.model_source import fingerprint, tokenizer_digest
from astraios_ray.records import ModelRef
from tests.fakes.byte_tokenizers import byte_tokenizer
from tests.fakes.hub import cached
from tests.fakes.rewriting import flip_a_bit
from tests.fakes.tiny_models import tiny_model, tokens


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    model: Any = tiny_model()
    model.save_pretrained(folder)
    vocabulary = Tokenizer(models.WordLevel({"<end>": 0, "a": 1}, unk_token="<end>"))
    PreTrainedTokenizerFast(tokenizer_object=vocabulary, eos_token="<end>").save_pretrained(folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy of the model that a test may damage."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def test_a_folder_is_loaded_frozen_in_eval_mode_and_without_a_cache(saved: Path) -> None:
    base = load_base(ModelRef(str(saved)))
    model: Any = base.model
    assert torch.equal(model(tokens()).logits, tiny_model()(tokens()).logits)
    assert not any(p.requires_grad for p in model.parameters()) and not model.training
    assert model.config.use_cache is False
    assert base.target_modules.architecture == "GPTBigCode" and base.tokenizer.eos_token_id == 0


def test_a_built_in_is_asked_for_by_its_name(saved: Path) -> None:
    requests = []

    def make(name: str) -> Path:
        requests.append(name)
        return saved

    assert load_base(ModelRef("builtin:nano-s"), builtin=make).revision == fingerprint(saved)
    assert requests == ["nano-s"]


def test_a_built_in_needs_somebody_who_makes_it() -> None:
    with pytest.raises(ConfigError, match="built in, and nobody here can make it"):
        load_base(ModelRef("builtin:nano-s"))


def test_bf16_weights_are_kept_in_two_bytes(saved: Path) -> None:
    base = load_base(ModelRef(str(saved), dtype="bf16"))
    assert {p.dtype for p in base.model.parameters()} == {torch.bfloat16}


def test_an_unknown_number_format_is_refused_with_the_known_ones(saved: Path) -> None:
    with pytest.raises(ConfigError, match=r"model.dtype: found 'fp16', expected one of fp32, bf16"):
        load_base(ModelRef(str(saved), dtype="fp16"))
    with pytest.raises(
        ConfigError, match=r"model.quantization: found 'int4', expected one of none, int8, nf4"
    ):
        load_base(ModelRef(str(saved), quantization="int4"))


def test_a_revision_of_what_has_none_is_refused(saved: Path) -> None:
    with pytest.raises(ConfigError, match=r"model.revision: found 'v1', but .* has none"):
        load_base(ModelRef(str(saved), revision="v1"))


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match=r"holds only pytorch_model.bin; expected \*.safetensors"):
        load_base(ModelRef(str(folder)))


def test_a_folder_without_weights_is_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match="holds no weights"):
        load_base(ModelRef(str(folder)))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no config\.json"):
        load_base(ModelRef(str(tmp_path)))


def test_a_missing_folder_is_not_taken_for_a_hub_id() -> None:
    with pytest.raises(ConfigError, match=r"there is no folder '\./nowhere'"):
        load_base(ModelRef("./nowhere"))


def test_missing_weights_are_never_made_up(folder: Path) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    del tensors["transformer.h.0.mlp.c_fc.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(
        ConfigError, match=r"1 weights are not in its files, 'transformer.h.0.mlp.c_fc.weight'"
    ):
        load_base(ModelRef(str(folder)))


def test_damaged_weights_are_refused(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ConfigError, match="could not be loaded"):
        load_base(ModelRef(str(folder)))


def test_code_that_comes_with_a_model_is_not_run(folder: Path) -> None:
    path, ran = folder / "config.json", folder / "ran"
    config = json.loads(path.read_text()) | {
        "model_type": "strange",
        "auto_map": {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"},
    }
    path.write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(ran)!r}, 'w')\nclass Config: ...\nclass Model: ...\n")
    with pytest.raises(ConfigError, match="could not be loaded"):
        load_base(ModelRef(str(folder)))
    assert not ran.exists()


def test_a_hub_model_needs_a_revision() -> None:
    with pytest.raises(ConfigError, match=r"'bigcode/starcoderbase-1b' is no folder.* needs a revision"):
        load_base(ModelRef("bigcode/starcoderbase-1b"))


@pytest.mark.parametrize("named", ["the commit", "main"])
def test_a_hub_models_revision_is_its_commit_whatever_it_was_named_by(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    commit = cached(saved, tmp_path, monkeypatch)
    base = load_base(ModelRef("some/model", revision=commit if named == "the commit" else named))
    assert base.revision == commit
    assert base.model.name_or_path == "some/model"


def test_a_hub_model_that_cannot_be_reached_is_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        ConfigError, match=r"'nobody/nothing' at revision 'v1' could not be loaded: .*hf download"
    ):
        load_base(ModelRef("nobody/nothing", revision="v1"))


def test_loading_leaves_the_random_generator_alone(saved: Path) -> None:
    state = torch.get_rng_state()
    load_base(ModelRef(str(saved)))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_fingerprint_tells_two_trainings_apart(folder: Path) -> None:
    original = fingerprint(folder)
    assert fingerprint(folder) == original
    model: Any = tiny_model(seed=1)
    model.save_pretrained(folder)
    assert fingerprint(folder) != original


@pytest.mark.parametrize(
    ("file", "changed"),
    [("model.safetensors", "weights"), ("config.json", "weights"), ("tokenizer.json", "tokenizer")],
)
def test_the_contents_of_a_folder_tell_what_of_it_changed(folder: Path, file: str, changed: str) -> None:
    original = model_contents(ModelRef(str(folder)))
    (folder / "README.md").write_text("a note")
    assert model_contents(ModelRef(str(folder))) == original
    flip_a_bit(folder / file)
    after = model_contents(ModelRef(str(folder)))
    assert [name for name in original if after[name] != original[name]] == [changed]


def test_the_contents_of_a_hub_model_are_its_commit(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = cached(saved, tmp_path, monkeypatch)
    assert model_contents(ModelRef("some/model", revision="main")) == {"commit": commit}
    assert model_contents(ModelRef("some/model", revision=commit)) == {"commit": commit}
    (tmp_path / "models--some--model" / "refs" / "main").write_text("f" * 40)
    shutil.copytree(saved, tmp_path / "models--some--model" / "snapshots" / ("f" * 40))
    assert model_contents(ModelRef("some/model", revision="main")) == {"commit": "f" * 40}


@pytest.mark.parametrize("name", ["builtin:nano-s", "folder"])
def test_an_empty_model_has_the_parameters_and_none_of_their_values(saved: Path, name: str) -> None:
    empty = empty_model(ModelRef(str(saved) if name == "folder" else name))
    assert {p.device.type for p in empty.parameters()} == {"meta"}
    if name == "folder":
        assert sum(p.numel() for p in empty.parameters()) == sum(p.numel() for p in tiny_model().parameters())


def test_a_chat_template_is_content_of_the_tokenizer(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer("bos")
    tokenizer.save_pretrained(tmp_path)
    without = tokenizer_digest(tmp_path)
    digests = {without}
    for text in ("{{ messages }}", "{{ messages[0] }}"):
        tokenizer.chat_template = text
        tokenizer.save_pretrained(tmp_path)
        assert (tmp_path / "chat_template.jinja").read_text() == text
        digests.add(tokenizer_digest(tmp_path))
    assert len(digests) == 3

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from astraios_ray.errors import UnknownName
from astraios_ray.models.load_base import load_base
from astraios_ray.models.nano import SHAPES
from astraios_ray.records import ModelRef, Recipe
from astraios_ray.training.from_scratch import RandomPositions, train_from_scratch
from astraios_ray.training.pretrain import RECIPES, builtin_model, cache_folder, shared_bases

SHORT = Recipe(learning_rate=1e-3, max_steps=20, batch_size=4, warmup_steps=2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", str(tmp_path))
    return tmp_path


def test_a_model_is_made_once_and_found_again(cache: Path) -> None:
    reports: list[tuple[float, str]] = []

    def tell(fraction: float, words: str) -> None:
        reports.append((fraction, words))

    folder = builtin_model("nano-xs", tell, recipe=SHORT)
    assert folder.parent == cache_folder() == cache / "models"
    assert [fraction for fraction, _ in reports] == [0.5, 1.0]
    assert reports[0][1].startswith("pre-training nano-xs: step 10 of 20, loss ")
    assert builtin_model("nano-xs", tell, recipe=SHORT) == folder
    assert len(reports) == 2


def test_bases_that_processes_share_are_kept_beside_the_models(cache: Path) -> None:
    assert shared_bases().folder == cache / "bases"


def test_another_recipe_is_another_model() -> None:
    recipe = Recipe(learning_rate=2e-3, max_steps=2, batch_size=4, warmup_steps=0)
    assert builtin_model("nano-xs", recipe=recipe) != builtin_model("nano-xs", recipe=SHORT)


def test_nothing_but_the_finished_folder_and_its_lock_is_left(cache: Path) -> None:
    folder = builtin_model("nano-xs", recipe=SHORT)
    assert {path.name for path in (cache / "models").iterdir()} <= {folder.name, f"{folder.name}.lock"}
    about = json.loads((folder / "pretraining.json").read_text())
    assert about["recipe"]["max_steps"] == 20
    assert about["validation_loss"] > 0


def test_a_build_that_breaks_leaves_no_model_behind(cache: Path) -> None:
    def interrupt(fraction: float, words: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builtin_model("nano-xs", interrupt, recipe=SHORT)
    assert not [path for path in (cache / "models").iterdir() if path.is_dir()]


def test_the_folder_is_a_base_that_can_be_loaded() -> None:
    folder = builtin_model("nano-xs", recipe=SHORT)
    base = load_base(ModelRef("builtin:nano-xs"), builtin=lambda name: folder)
    assert base.tokenizer.eos_token_id == 0
    plain = AutoModelForCausalLM.from_pretrained(folder)
    ids = torch.tensor([AutoTokenizer.from_pretrained(folder)("def f(x):").input_ids])
    assert torch.equal(plain(ids).logits, base.model(ids).logits)


def test_an_encoder_decoder_learns_to_go_on_with_a_document_and_is_loaded_as_one() -> None:
    folder = builtin_model("nano-t5", recipe=SHORT)
    base = load_base(ModelRef("builtin:nano-t5"), builtin=lambda name: folder)
    plain = AutoModelForSeq2SeqLM.from_pretrained(folder)
    ids = torch.tensor([AutoTokenizer.from_pretrained(folder)("def f(x):").input_ids])
    start = torch.zeros(1, 1, dtype=torch.long)
    expected = plain(input_ids=ids, decoder_input_ids=start).logits
    assert torch.allclose(expected, base.model(input_ids=ids, decoder_input_ids=start).logits, atol=1e-5)
    about = json.loads((folder / "pretraining.json").read_text())
    untrained, _, loss = train_from_scratch("nano-t5", replace(SHORT, max_steps=1), lambda *_: None)
    assert about["validation_loss"] < loss - 0.5
    assert type(untrained) is type(plain)


def test_two_trainings_are_equal_to_the_bit_and_leave_the_random_state_alone() -> None:
    state = torch.get_rng_state()
    (first, _, first_loss), (second, _, second_loss) = (
        train_from_scratch("nano-xs", SHORT, lambda fraction, words: None) for _ in range(2)
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert first_loss == second_loss
    for (name, parameter), (_, twin) in zip(first.named_parameters(), second.named_parameters(), strict=True):
        assert torch.equal(parameter, twin), name


def test_every_shape_has_a_recipe_and_an_unknown_name_is_answered_with_them() -> None:
    assert set(RECIPES) == set(SHAPES)
    with pytest.raises(UnknownName, match=r"'nano-xxl'.*nano-xs, nano-s, nano-m, nano-l"):
        builtin_model("nano-xxl")


def test_rows_are_moved_in_training_alone() -> None:
    class Positions(torch.nn.Module):
        def forward(self, input_ids: torch.Tensor, position_ids: torch.Tensor) -> torch.Tensor:
            return position_ids

    model = RandomPositions(Positions(), farthest=100)
    ids = torch.zeros(64, 3, dtype=torch.long)
    positions = model(ids)
    assert (positions[:, 1:] - positions[:, :-1] == 1).all()
    assert positions.min() >= 0 and positions.max() <= 102
    assert len(set(positions[:, 0].tolist())) > 10
    assert (model.eval()(ids) == torch.arange(3)).all()

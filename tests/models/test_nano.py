import pytest
import torch
from transformers import PreTrainedTokenizerFast

from astraios_ray.embedded.primer_problems import primer_problems
from astraios_ray.embedded.primer_rows import primer_rows
from astraios_ray.errors import UnknownName
from astraios_ray.models.nano import POSITIONS, SHAPES, nano_config, nano_tokenizer, random_model


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return nano_tokenizer()


@pytest.mark.parametrize(
    ("name", "millions"), [("nano-xs", 0.1), ("nano-s", 0.4), ("nano-m", 1.0), ("nano-l", 3.0)]
)
def test_the_four_sizes_are_those_of_the_study_in_miniature(name: str, millions: float) -> None:
    count = sum(parameter.numel() for parameter in random_model(name, seed=0).parameters())
    assert count / 1e6 == pytest.approx(millions, rel=0.5)
    assert nano_config(name).multi_query


def test_the_encoder_decoder_has_the_width_and_layers_of_nano_s_in_both_stacks() -> None:
    config, decoder = nano_config("nano-t5"), nano_config("nano-s")
    assert config.is_encoder_decoder
    assert not decoder.is_encoder_decoder
    assert SHAPES["nano-t5"] == SHAPES["nano-s"]
    assert (config.num_layers, config.num_decoder_layers, config.vocab_size) == (2, 2, decoder.vocab_size)


def test_an_unknown_size_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"nano-xl.*nano-xs, nano-s, nano-m, nano-l, nano-t5"):
        nano_config("nano-xl")


def test_the_seed_alone_decides_the_first_weights() -> None:
    torch.manual_seed(1)
    first = random_model("nano-xs", seed=5).state_dict()
    state = torch.get_rng_state()
    second = random_model("nano-xs", seed=5).state_dict()
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(first[name], second[name]) for name in first)
    third = random_model("nano-xs", seed=6).state_dict()
    assert not torch.equal(first["transformer.wte.weight"], third["transformer.wte.weight"])


def test_the_tokenizer_is_the_same_each_time(tokenizer: PreTrainedTokenizerFast) -> None:
    assert nano_tokenizer().get_vocab() == tokenizer.get_vocab()
    assert set(SHAPES)  # one tokenizer for all of them
    assert len(tokenizer) == nano_config("nano-s").vocab_size


@pytest.mark.parametrize("text", ["def f(x):\n    return x", "é ∀ 漢字 🙂", "\t\r\n  a", ""])
def test_any_text_comes_back_from_its_tokens(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(tokenizer(text).input_ids) == text


def test_a_prompts_tokens_begin_the_tokens_of_prompt_and_answer(tokenizer: PreTrainedTokenizerFast) -> None:
    for problem in primer_problems():
        prompt = f"Question: {problem.instruction}\n\nAnswer:\n{problem.declaration}".strip()
        prompt_ids = tokenizer(prompt).input_ids
        full_ids = tokenizer(f"{prompt}\n{problem.canonical_solution}").input_ids
        assert full_ids[: len(prompt_ids)] == prompt_ids


def test_an_answer_begins_with_the_same_token_in_a_row_and_behind_a_prompt(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    row = next(row for row in primer_rows() if row.task == "write")
    declaration, _, body = row.completion.partition("\n")
    row_ids = tokenizer(f"Question: {row.prompt}\n\nAnswer: {row.completion}").input_ids
    prompt_ids = tokenizer(f"Question: {row.prompt}\n\nAnswer:\n{declaration}").input_ids
    body_ids = tokenizer(f"\n{body}").input_ids
    assert row_ids[-len(body_ids) :] == body_ids
    assert row_ids[-len(body_ids) - 1] == prompt_ids[-1]


def test_every_row_and_problem_fits_the_positions_with_room_for_virtual_tokens(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    texts = [f"Question: {row.prompt}\n\nAnswer: {row.completion}" for row in primer_rows()]
    assert max(len(ids) for ids in tokenizer(texts).input_ids) + 1 <= 80
    assert POSITIONS >= 80 + 96 + 60

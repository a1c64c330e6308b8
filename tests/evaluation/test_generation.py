"""Generation on tiny random models: the same tokens as from transformers, whatever the batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import nn
from transformers import (
    GPTBigCodeConfig,
    GPTBigCodeForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MptConfig,
    MptForCausalLM,
)

from astraios_ray.data.templates import make_template
from astraios_ray.errors import DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate
from astraios_ray.methods.method import build
from astraios_ray.records import Completion, DataRef, Sampling
from tests.fakes.byte_tokenizers import ADDED, CHAT, byte_tokenizer
from tests.fakes.chat_templates import CHATML
from tests.fakes.letters import END, LETTERS, Letters
from tests.fakes.tiny_models import target_modules_of

METHODS = ("full", "lora", "ia3", "p_tuning", "adapter_h", "adapter_p", "parallel")
LENGTH = 12  # tokens
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=LENGTH)
FREE = Sampling(samples=3, temperature=1.0, top_p=0.95, max_new_tokens=LENGTH, seed=5)
PROBLEMS = [Problem(text, text, {}) for text in ("def f(a)", "def g(b)", "abc", "x", "return a", "zz top zz")]


def test_greedy_writes_what_transformers_writes(gpt_bigcode: nn.Module) -> None:
    completions = list(generate(gpt_bigcode, Letters(), PROBLEMS, GREEDY, ()))
    assert {item.problem: item.text for item in completions} == reference(gpt_bigcode)


@pytest.mark.filterwarnings("ignore:Position ids are not supported")  # from the generate of peft
@pytest.mark.parametrize("name", METHODS)
def test_greedy_with_a_method_writes_what_its_own_generate_writes(name: str) -> None:
    with tuned(name) as model:
        right = reference(model)
        for rows_per_batch in (1, 3, 64):  # one by one, in refilled rows, all at once
            completions = write(model, PROBLEMS, GREEDY, rows_per_batch)
            assert {item.problem: item.text for item in completions} == right


def test_another_architecture_works_the_same_way() -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=END + 1, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    model = LlamaForCausalLM(config).eval()
    completions = list(generate(model, Letters(), PROBLEMS, GREEDY, ()))
    assert {item.problem: item.text for item in completions} == reference(model)


@pytest.mark.parametrize("sampling", [GREEDY, FREE], ids=["greedy", "sampled"])
def test_a_text_does_not_depend_on_the_batch_it_was_written_in(
    gpt_bigcode: nn.Module, sampling: Sampling
) -> None:
    one_by_one = [item for problem in PROBLEMS for item in write(gpt_bigcode, [problem], sampling, 1)]
    for rows_per_batch in (2, 4, 64):  # two rows, four rows, all in one batch
        completions = write(gpt_bigcode, PROBLEMS, sampling, rows_per_batch)
        assert sorted(completions, key=key) == sorted(one_by_one, key=key), rows_per_batch


def test_samples_of_a_problem_differ_and_come_again_with_the_same_seed(gpt_bigcode: nn.Module) -> None:
    first = write(gpt_bigcode, PROBLEMS[:1], FREE)
    assert len({item.text for item in first}) == 3
    assert write(gpt_bigcode, PROBLEMS[:1], FREE) == first
    assert write(gpt_bigcode, PROBLEMS[:1], Sampling(3, 1.0, 0.95, LENGTH, seed=6)) != first


def test_completions_of_a_problem_come_one_after_another(gpt_bigcode: nn.Module) -> None:
    order = [(item.problem, item.sample) for item in write(gpt_bigcode, PROBLEMS, FREE, rows_per_batch=2)]
    lengths = [len(problem) for problem, _ in order]
    assert [sample for _, sample in order] == [0, 1, 2] * len(PROBLEMS)
    assert lengths == sorted(lengths)


def test_a_completion_ends_before_the_first_stop_string(gpt_bigcode: nn.Module) -> None:
    full = write(gpt_bigcode, PROBLEMS[:1], FREE)
    word = full[0].text[5:7]
    cut = write(gpt_bigcode, PROBLEMS[:1], FREE, stop=(word,))
    assert [item.text for item in cut] == [item.text.split(word)[0] for item in full]


def test_a_completion_ends_before_the_end_of_text(gpt_bigcode: nn.Module) -> None:
    full = write(gpt_bigcode, PROBLEMS[:1], FREE)[0].text
    letter = full[9]
    ending = Letters()
    ending.eos_token_id = LETTERS.index(letter)
    assert write(gpt_bigcode, PROBLEMS[:1], FREE, tokenizer=ending)[0].text == full.split(letter)[0]


@pytest.mark.parametrize("several", [False, True])
def test_a_completion_ends_before_an_end_of_the_models_generation_config(
    gpt_bigcode: nn.Module, several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = write(gpt_bigcode, PROBLEMS[:1], FREE)[0].text
    letter = full[9]
    ends = [LETTERS.index(letter), 10_000] if several else LETTERS.index(letter)
    monkeypatch.setattr(gpt_bigcode.generation_config, "eos_token_id", ends)  # as Llama 3 has several
    assert write(gpt_bigcode, PROBLEMS[:1], FREE)[0].text == full.split(letter)[0]


def test_writing_ends_where_the_model_has_no_more_positions(gpt_bigcode: nn.Module) -> None:
    long = Problem("long", "a" * 60, {})
    (item,) = write(gpt_bigcode, [long], GREEDY)
    assert len(item.text) == 64 - 60 + 1


def test_writing_ends_at_the_last_position_by_another_name() -> None:
    torch.manual_seed(0)
    config = MptConfig(
        vocab_size=END + 1, d_model=32, n_layers=1, n_heads=4, max_seq_len=64, initializer_range=0.3
    )
    model = MptForCausalLM(config).eval()
    long, short = Problem("long", "a" * 60, {}), Problem("short", "b" * 50, {})
    alone = [*write(model, [long], GREEDY), *write(model, [short], GREEDY)]
    assert [len(item.text) for item in alone] == [64 - 60 + 1, LENGTH]
    assert write(model, [short, long], GREEDY) == alone  # the short text goes on where the long one has ended


def test_a_prompt_without_tokens_is_refused_by_name(gpt_bigcode: nn.Module) -> None:
    with pytest.raises(DataError, match="problem odd: a prompt without tokens"):
        write(gpt_bigcode, [Problem("odd", "", {})], GREEDY)


@pytest.mark.parametrize("added", ADDED)
def test_a_prompt_begins_as_transformers_own_generate_begins_it(added: str) -> None:
    tokenizer = byte_tokenizer(added)
    model, (_, behind, _) = tiny_llama(len(tokenizer)), ADDED[added]
    right = {}
    for problem in PROBLEMS:
        prompt = tokenizer(problem.prompt, return_tensors="pt")["input_ids"]
        prompt = prompt[
            :, : prompt.shape[1] - len(behind)
        ]  # without it the model would continue behind the end of a text
        tokens = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
            max_new_tokens=LENGTH, eos_token_id=tokenizer.eos_token_id, pad_token_id=0,
        )  # fmt: skip
        right[problem.id] = tokenizer.decode(tokens[0, prompt.shape[1] :], skip_special_tokens=True)
    completions = generate(model, tokenizer, PROBLEMS, GREEDY, ())
    assert {item.problem: item.text for item in completions} == right


def test_a_chat_is_asked_as_transformers_own_generate_asks_it_and_ends_where_its_turn_ends() -> None:
    tokenizer = byte_tokenizer("bos", more=CHAT)
    tokenizer.chat_template = CHATML
    template = make_template(DataRef("", template="chat"), tokenizer)
    end, model = tokenizer.convert_tokens_to_ids(CHAT[1]), tiny_llama(len(tokenizer), positions=128)
    with torch.no_grad():
        model.lm_head.weight[end] *= 3  # so that some answers end in their middle
    problems = [Problem(str(n), f"Question: {'ab' * n}\n\nAnswer:", {}) for n in range(1, 13)]
    right = {}
    for problem, number in zip(problems, range(1, 13), strict=True):
        chat = [{"role": "user", "content": "ab" * number}]
        prompt = tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, return_tensors="pt", return_dict=False
        )
        tokens = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
            max_new_tokens=LENGTH, eos_token_id=[tokenizer.eos_token_id, end], pad_token_id=0,
        )  # fmt: skip
        right[problem.id] = tokenizer.decode(tokens[0, prompt.shape[1] :], skip_special_tokens=True)
    completions = generate(model, tokenizer, problems, GREEDY, (), template=template)
    assert {item.problem: item.text for item in completions} == right
    assert len({len(text) for text in right.values()}) > 2


def test_a_prompt_that_begins_with_the_special_tokens_has_them_once() -> None:
    tokenizer = byte_tokenizer("bos")
    model = tiny_llama(len(tokenizer))
    problems = [Problem("with", "<s>def f(a)", {}), Problem("without", "def f(a)", {})]
    with_bos, without = generate(model, tokenizer, problems, GREEDY, ())
    assert with_bos.text == without.text


def test_a_prompt_that_is_too_long_keeps_its_special_tokens() -> None:
    tokenizer = byte_tokenizer("bos")
    model = tiny_llama(len(tokenizer))  # 64 positions, 12 of them for the answer
    problems = [Problem("cut", "a" * 40 + "b" * 51, {}), Problem("fits", "b" * 51, {})]
    fits, cut = generate(model, tokenizer, problems, GREEDY, ())
    assert cut.text == fits.text


def test_a_prompt_that_is_too_long_keeps_its_end_and_is_told_of(
    gpt_bigcode: nn.Module, caplog: pytest.LogCaptureFixture
) -> None:
    end = "bcdefghijklm" * 4 + "nopq"  # 64 positions less 12 tokens of the answer
    (long,) = write(gpt_bigcode, [Problem("long", "a" * 40 + end, {})], GREEDY)
    assert "1 of 1 prompts are longer than the model's 64 positions; their last 52 tokens" in caplog.text
    assert "long: 92 tokens" in caplog.text
    assert long.text == write(gpt_bigcode, [Problem("long", end, {})], GREEDY)[0].text


def test_random_state_and_modes_are_left_as_found(gpt_bigcode: nn.Module) -> None:
    gpt_bigcode.train()
    state = torch.get_rng_state()
    write(gpt_bigcode, PROBLEMS[:1], FREE)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(module.training for module in gpt_bigcode.modules())


def key(item: Completion) -> tuple[str, int]:
    return item.problem, item.sample


def write(
    model: nn.Module,
    problems: Sequence[Problem],
    sampling: Sampling,
    rows_per_batch: int = 64,
    stop: Sequence[str] = (),
    tokenizer: Letters | None = None,
) -> list[Completion]:
    tokenizer = tokenizer or Letters()
    return list(generate(model, tokenizer, problems, sampling, stop, rows_per_batch=rows_per_batch))


def reference(model: Any) -> dict[str, str]:
    """The greedy texts of the model's own ``generate``, one prompt at a time."""
    letters = Letters()
    texts = {}
    for problem in PROBLEMS:
        prompt = torch.tensor(letters([problem.prompt])["input_ids"])
        tokens = model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            do_sample=False,
            max_new_tokens=LENGTH,
            use_cache=True,
            eos_token_id=END,
            pad_token_id=END,
        )
        texts[problem.id] = letters.decode(tokens[0, prompt.shape[1] :].tolist())
    return texts


@contextmanager
def tuned(name: str) -> Iterator[Any]:
    """A tiny model with an attached method whose parameters are all far from zero."""
    base = make_gpt_bigcode()
    method = build(name, {}).apply(base, target_modules_of("GPTBigCode"), 0)
    method.attach()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in method.trainable().values():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    method.model.eval()
    try:
        yield method.model
    finally:
        method.detach()


def tiny_llama(vocabulary: int, positions: int = 64) -> Any:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=positions, initializer_range=0.3,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval().requires_grad_(False)


@pytest.fixture
def gpt_bigcode() -> nn.Module:
    return make_gpt_bigcode()


def make_gpt_bigcode() -> nn.Module:
    torch.manual_seed(0)
    config = GPTBigCodeConfig(
        vocab_size=END + 1, n_positions=64, n_embd=32, n_layer=2, n_head=4, use_cache=False,
        bos_token_id=END, eos_token_id=END, pad_token_id=END, initializer_range=0.3,
    )  # fmt: skip
    model: nn.Module = GPTBigCodeForCausalLM(config).eval()
    return model.requires_grad_(False)

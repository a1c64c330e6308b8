"""An encoder-decoder reads the prompt with its encoder and writes what its own ``generate`` writes."""

from collections.abc import Mapping, Sequence
from typing import Any

import peft
import pytest
import torch
from torch.nn.functional import log_softmax
from transformers import BartConfig, BartForConditionalGeneration

from astraios_ray.data.templates import ASTRAIOS
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.batched_models import batched, group_by_base
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate, generate_all
from astraios_ray.evaluation.likelihood import likeliest, likeliest_all
from astraios_ray.methods import build
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.models.target_modules import find_target_modules
from astraios_ray.records import Sampling, Value
from tests.fakes.letters import END, EndedLetters
from tests.fakes.tiny_t5 import writing_t5

TOKENIZER = EndedLetters()
QUESTION, ANSWER = "Question: zz top\n\nAnswer:", " xy "
PROMPTS = ("a longer one that", "def f(a)", "def g(b)", "abc", "xy", QUESTION, QUESTION + ANSWER)
PROBLEMS = [Problem(text, text, {}) for text in PROMPTS]
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=14)
FREE = Sampling(samples=3, temperature=1.0, top_p=0.95, max_new_tokens=9, seed=5)
pytestmark = pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated"
)  # peft asks for it
KINDS: Sequence[tuple[str, Mapping[str, Value]]] = (
    ("lora", {"r": 3}),
    ("ia3", {}),
    ("adapter_h", {"bottleneck": 6}),
    ("adapter_p", {"bottleneck": 9}),
    ("parallel", {"bottleneck": 4}),
    ("p_tuning", {"virtual_tokens": 5}),
    ("p_tuning", {"virtual_tokens": 2}),
    ("lora", {"r": 3, "dora": True}),
    ("peft:LOHA", {"r": 2}),
)


def read_and_written(prompt: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The encoder's and the decoder's tokens, in the tokenizer's own words."""
    read, start = (QUESTION, prompt.removeprefix(QUESTION)) if QUESTION in prompt else (prompt, "")
    encoded = TOKENIZER([read, start])["input_ids"]
    return torch.tensor([encoded[0]]), torch.tensor([[0, *encoded[1][:-1]]])


def texts_of_transformers(model: Any, **options: Any) -> dict[str, str]:
    """What ``generate`` of transformers or peft writes after each prompt."""
    texts = {}
    for prompt in PROMPTS:
        read, written = read_and_written(prompt)
        output = model.generate(
            input_ids=read, decoder_input_ids=written, max_new_tokens=14, do_sample=False, **options
        )
        tokens = output[0, written.shape[1] :].tolist()
        texts[prompt] = TOKENIZER.decode(tokens[: tokens.index(END)] if END in tokens else tokens)
    return texts


def moved(base: Any) -> list[TunedModel]:
    """Methods on one base, moved by noise, and the base as it is."""
    models: list[TunedModel] = []
    for seed, (name, values) in enumerate(KINDS):
        tuned = build(name, values).apply(base, find_target_modules(base, None), seed)
        noise = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in tuned.trainable().values():
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=noise))
        models.append(tuned)
    return [*models, UntunedModel(base)]


def written(items: Any) -> dict[tuple[str, int], str]:
    return {(item.problem, item.sample): item.text for item in items}


@pytest.mark.parametrize("rows_per_batch", [3, 64])  # in rows that others have left, all at once
def test_it_writes_what_transformers_writes(rows_per_batch: int) -> None:
    model = writing_t5(END + 1, END)
    right = texts_of_transformers(model)
    assert len(set(right.values())) > 5
    completions = generate(model, TOKENIZER, PROBLEMS, GREEDY, (), rows_per_batch=rows_per_batch)
    assert {item.problem: item.text for item in completions} == right


@pytest.mark.parametrize("sampling", [GREEDY, FREE])
def test_methods_in_one_batch_write_what_each_writes_alone(sampling: Sampling) -> None:
    tuned = moved(writing_t5(END + 1, END))
    alone = []
    for model in tuned:
        with model.attached():
            alone.append(written(generate(model.model, TOKENIZER, PROBLEMS, sampling, ())))
    assert len({str(texts) for texts in alone}) == len(tuned)
    assert group_by_base(tuned) == [list(range(len(tuned)))]
    for rows_per_batch in (11, 300):
        together: list[list[Any]] = [[] for _ in tuned]
        with batched(tuned) as models:
            for owner, item in generate_all(
                models, TOKENIZER, [PROBLEMS] * len(tuned), sampling, (), rows_per_batch=rows_per_batch
            ):
                together[owner].append(item)
        assert [written(items) for items in together] == alone


@pytest.mark.parametrize("place", [0, 1, 5])
def test_a_method_writes_what_peft_writes(place: int, tmp_path: Any) -> None:
    base = writing_t5(END + 1, END)
    tuned = moved(base)[place]
    tuned.save(tmp_path)
    with tuned.attached():
        items = list(generate(tuned.model, TOKENIZER, PROBLEMS, GREEDY, ()))
    of_peft = peft.PeftModel.from_pretrained(writing_t5(END + 1, END), tmp_path).eval()
    assert {item.problem: item.text for item in items} == texts_of_transformers(of_peft)


def test_a_choice_is_the_likelier_one_behind_the_beginning_of_the_answer() -> None:
    model, choices = writing_t5(END + 1, END), (" xk", " xy")
    problems = [
        Problem(text, text, {}) for text in (QUESTION, "Question: a\n\nAnswer:", "Question: b\n\nAnswer:")
    ]
    right = {}
    for problem in problems:
        read = torch.tensor(TOKENIZER([problem.prompt])["input_ids"])
        losses = []
        for choice in choices:
            tokens = TOKENIZER([choice])["input_ids"][0][:-1]
            start = torch.tensor([[0, *tokens[:-1]]])
            logits = model(input_ids=read, decoder_input_ids=start).logits[0, -1]
            losses.append(float(log_softmax(logits, 0)[tokens[-1]]))
        right[problem.id] = choices[losses[1] > losses[0]]
    assert len(set(right.values())) == 2
    items = likeliest(model, TOKENIZER, problems, choices)
    assert {item.problem: item.text for item in items} == right
    tuned = moved(model)
    with batched(tuned) as models:
        answers = list(likeliest_all(models, TOKENIZER, [problems] * len(tuned), choices))
    last = len(tuned) - 1
    assert {item.problem: item.text for owner, item in answers if owner == last} == right


def test_a_decoder_with_positions_of_its_own_reads_each_text_anew(caplog: pytest.LogCaptureFixture) -> None:
    """So that a row that began later has the positions of a row alone."""
    torch.manual_seed(0)
    sizes = {
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
    }
    config = BartConfig(
        vocab_size=END + 1, d_model=16, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=40,
        pad_token_id=0, bos_token_id=0, eos_token_id=END, decoder_start_token_id=0, forced_eos_token_id=None,
        init_std=0.8, **sizes,
    )  # fmt: skip
    model = BartForConditionalGeneration(config).eval()
    right = texts_of_transformers(model)
    assert len(set(right.values())) > 3
    items = list(generate(model, TOKENIZER, PROBLEMS, GREEDY, (), rows_per_batch=3))
    assert {item.problem: item.text for item in items} == right
    assert "bart keeps no cache that several texts can share" in caplog.text


def test_a_model_without_a_start_token_is_refused() -> None:
    model = writing_t5(END + 1, END)
    model.config.decoder_start_token_id = model.generation_config.decoder_start_token_id = None
    with pytest.raises(ConfigError, match=r"without a decoder_start_token_id; its config\.json"):
        list(generate(model, TOKENIZER, PROBLEMS, GREEDY, (), template=ASTRAIOS))

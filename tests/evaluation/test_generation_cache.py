"""Models that keep what they have read in any kind of cache write the texts of their own ``generate``."""

from typing import Any

import pytest
import torch
from torch import nn

from astraios_ray.evaluation.batched_models import batched, evaluating
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate, generate_all
from astraios_ray.evaluation.generation_cache import fills_a_cache
from astraios_ray.methods import build
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.records import Sampling, TargetModules
from tests.fakes.cached_models import ELSEWHERE, IN_A_CACHE, cached_model
from tests.fakes.letters import END, Letters

PROMPTS = ("a longer one that a window of eight cuts", "def f(a)", "def g(b)", "abc", "xy")
PROBLEMS = [Problem(text, text, {}) for text in PROMPTS]
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=14)
ATTENTION = TargetModules("any", ("q_proj", "k_proj", "v_proj"), (), (), (), ())


@pytest.mark.parametrize("architecture", [*IN_A_CACHE, *ELSEWHERE])
def test_any_model_writes_what_transformers_writes(architecture: str) -> None:
    model = cached_model(architecture, END + 1)
    right = texts_of_transformers(model)
    assert len(set(right.values())) > 2
    for rows_per_batch in (3, 64):  # in rows that others have left, all at once
        completions = list(generate(model, Letters(), PROBLEMS, GREEDY, (), rows_per_batch=rows_per_batch))
        assert {item.problem: item.text for item in completions} == right


@pytest.mark.parametrize("architecture", ["Gemma3Text", "FalconH1", "RecurrentGemma"])
def test_several_methods_in_one_batch_write_what_each_writes_alone(architecture: str) -> None:
    base = cached_model(architecture, END + 1)
    tuned: list[TunedModel] = [moved(base, "parallel", 1), UntunedModel(base), moved(base, "parallel", 2)]
    right = []
    for model in tuned:
        with model.attached():
            right.append(texts_of_transformers(base))
    assert len({str(texts) for texts in right}) == 3
    written: list[dict[str, str]] = [{}, {}, {}]
    with batched(tuned) as models:
        completions = generate_all(models, Letters(), [PROBLEMS] * 3, GREEDY, (), rows_per_batch=7)
        for owner, item in completions:
            written[owner][item.problem] = item.text
    assert written == right


@pytest.mark.parametrize("architecture", [*IN_A_CACHE, *ELSEWHERE])
def test_one_token_shows_whether_a_model_fills_a_cache(architecture: str) -> None:
    with evaluating(cached_model(architecture, END + 1)) as models:
        assert fills_a_cache(models, torch.device("cpu")) == (architecture in IN_A_CACHE)


def test_a_model_that_reads_texts_anew_says_so_and_ends_at_its_last_position(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model: Any = cached_model("MiniMax", END + 1)
    model.config.max_position_embeddings = 16
    (item,) = generate(model, Letters(), [Problem("long", "a" * 12, {})], GREEDY, ())
    assert len(item.text) <= 16 - 12 + 1
    assert "minimax keeps no cache that several texts can share" in caplog.text


def test_routers_whose_training_is_balanced_are_not_while_writing() -> None:
    model: Any = cached_model("GptOss", END + 1)
    right = texts_of_transformers(model)
    model.config.output_router_logits = True
    completions = generate(model, Letters(), PROBLEMS, GREEDY, (), rows_per_batch=3)
    assert {item.problem: item.text for item in completions} == right


def moved(base: nn.Module, method: str, seed: int) -> TunedModel:
    tuned = build(method, {"bottleneck": 4}).apply(base, ATTENTION, seed)
    with torch.no_grad():
        for parameter in tuned.trainable().values():
            parameter.mul_(50)
    return tuned


def texts_of_transformers(model: Any) -> dict[str, str]:
    texts = {}
    for problem in PROBLEMS:
        prompt = torch.tensor(Letters()([problem.prompt])["input_ids"])
        tokens = model.generate(
            input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
            max_new_tokens=GREEDY.max_new_tokens, eos_token_id=END, pad_token_id=END,
        )  # fmt: skip
        texts[problem.id] = Letters().decode(tokens[0, prompt.shape[1] :].tolist())
    return texts

"""Methods in one batch write the same texts as one by one, and the base stays unchanged."""

from collections.abc import Mapping, Sequence

import pytest
import torch
from transformers import Starcoder2Config, Starcoder2ForCausalLM

from astraios_ray.evaluation.batched_models import batched, group_by_base
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generation import generate, generate_all
from astraios_ray.methods.tuned import TunedModel, UntunedModel
from astraios_ray.records import Completion, Sampling, Value
from tests.contracts.base_watch import Watch
from tests.fakes.letters import Letters
from tests.fakes.tiny_models import moved, tiny_model

KINDS: Sequence[tuple[str, Mapping[str, Value]]] = (
    ("lora", {"r": 3}),
    ("lora", {"r": 8, "alpha": 5}),
    ("ia3", {}),
    ("adapter_h", {"bottleneck": 6}),
    ("adapter_p", {"bottleneck": 9}),
    ("parallel", {"bottleneck": 4, "scaling": 2.0}),
    ("p_tuning", {"virtual_tokens": 5}),
    ("p_tuning", {"virtual_tokens": 2}),
    ("lora", {"r": 3, "dora": True}),
    ("lora", {"r": 3, "init": "pissa", "target": "all-linear"}),
    ("peft:LOHA", {"r": 2}),
)
ALONE: tuple[str, Mapping[str, Value]] = ("peft:PREFIX_TUNING", {"num_virtual_tokens": 3})
PROBLEMS = [Problem(text, text, {}) for text in ("def f(a)", "abc", "x", "zz top zz")]
GREEDY = Sampling(samples=1, temperature=0.0, max_new_tokens=12)
FREE = Sampling(samples=2, temperature=1.0, top_p=0.95, max_new_tokens=9, seed=5)

Texts = dict[tuple[str, int], str]


def one_by_one(tuned: TunedModel, sampling: Sampling, stop: Sequence[str] = ()) -> Texts:
    with tuned.attached():
        return texts(generate(tuned.model, Letters(), PROBLEMS, sampling, stop))


def at_once(
    tuned: Sequence[TunedModel], sampling: Sampling, rows_per_batch: int, stop: Sequence[str] = ()
) -> list[Texts]:
    completions: list[list[Completion]] = [[] for _ in tuned]
    with batched(tuned) as models:
        problems_by_model = [PROBLEMS] * len(tuned)
        for owner, item in generate_all(
            models, Letters(), problems_by_model, sampling, stop, rows_per_batch=rows_per_batch
        ):
            completions[owner].append(item)
    return [texts(items) for items in completions]


def texts(completions: object) -> Texts:
    assert hasattr(completions, "__iter__")
    return {(item.problem, item.sample): item.text for item in completions}


@pytest.mark.parametrize("architecture", ["GPTBigCode", "Llama"])
def test_each_writes_greedily_what_it_writes_alone(architecture: str) -> None:
    base = tiny_model(architecture)
    tuned = [*moved(base, architecture, KINDS, by=0.2), UntunedModel(base)]
    right = [one_by_one(model, GREEDY) for model in tuned]
    assert len({str(model) for model in right}) > len(tuned) // 2  # the texts differ
    assert at_once(tuned, GREEDY, rows_per_batch=15) == right  # new texts take the rows of ended ones


def test_what_is_drawn_is_what_is_drawn_alone() -> None:
    tuned = moved(tiny_model(), "GPTBigCode", KINDS[1:7:2], by=0.2)
    assert at_once(tuned, FREE, 16, stop="q") == [one_by_one(model, FREE, stop="q") for model in tuned]


def test_a_model_that_looks_back_only_so_far_writes_what_it_writes_alone() -> None:
    torch.manual_seed(0)
    config = Starcoder2Config(
        vocab_size=61, hidden_size=16, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, sliding_window=6, initializer_range=0.5,
        bos_token_id=0, eos_token_id=0, pad_token_id=0,
    )  # fmt: skip
    base = Starcoder2ForCausalLM(config).eval().requires_grad_(False)
    reference = base.generate(
        torch.tensor(Letters()([PROBLEMS[3].prompt])["input_ids"]),
        max_new_tokens=12, do_sample=False, eos_token_id=60,
    )  # fmt: skip
    tuned = [UntunedModel(base), *moved(base, "Starcoder2", KINDS[:3], by=0.2)]
    results = at_once(tuned, GREEDY, 8)
    assert results == [one_by_one(model, GREEDY) for model in tuned]
    text = Letters().decode(reference[0, len(PROBLEMS[3].prompt) :].tolist())
    assert text.startswith(results[0][PROBLEMS[3].id, 0]) and text


def test_each_may_be_asked_something_else() -> None:
    tuned = moved(tiny_model(), "GPTBigCode", KINDS[:3], by=0.2)
    with batched(tuned) as models:
        problems_by_model = [PROBLEMS[:1], [], PROBLEMS[1:3]]
        completions = list(generate_all(models, Letters(), problems_by_model, GREEDY, ()))
    assert {(owner, item.problem) for owner, item in completions} == {(0, "def f(a)"), (2, "abc"), (2, "x")}


def test_a_prompt_has_the_positions_that_virtual_tokens_leave() -> None:
    tuned = moved(tiny_model(), "GPTBigCode", [("p_tuning", {"virtual_tokens": 5}), ("ia3", {})], by=0.2)
    end = "bcdefghijklm" * 6 + "nopqrst"  # 96 positions less 5 virtual tokens and 12 of the answer
    problems = [Problem("long", "a" * 15 + end, {}), Problem("end", end, {})]
    with batched(tuned) as models:
        written = generate_all(models, Letters(), [problems, problems], GREEDY, ())
        by_model = {(owner, item.problem): item.text for owner, item in written}
    assert by_model[0, "long"] == by_model[0, "end"], "94 and 5 are more than 96: the head is cut"
    assert by_model[1, "long"] != by_model[1, "end"], "94 fit"


def test_a_layer_of_the_base_is_called_once_for_all_of_them() -> None:
    base, shapes = tiny_model(), list[int]()
    tuned = moved(base, "GPTBigCode", KINDS, by=0.2)
    head = base.get_submodule("lm_head")
    head.register_forward_pre_hook(lambda _, inputs: shapes.append(len(inputs[0])))
    at_once(tuned, GREEDY, 64)
    assert max(shapes) == len(KINDS) * len(PROBLEMS)


def test_afterwards_the_base_is_as_before() -> None:
    base = tiny_model()
    tuned = moved(base, "GPTBigCode", KINDS, by=0.2)
    watch = Watch(base)
    at_once(tuned, GREEDY, 5)
    watch.check()


def test_those_that_cannot_share_are_alone() -> None:
    base, second = tiny_model(), tiny_model()
    kinds = [KINDS[0], ALONE, KINDS[2], ALONE]
    tuned = [*moved(base, "GPTBigCode", kinds, by=0.2), *moved(second, "GPTBigCode", KINDS[:1], by=0.2)]
    assert group_by_base(tuned) == [[0, 2], [1], [3], [4]]
    for group in group_by_base(tuned):
        members = [tuned[place] for place in group]
        assert at_once(members, GREEDY, 4) == [one_by_one(model, GREEDY) for model in members]

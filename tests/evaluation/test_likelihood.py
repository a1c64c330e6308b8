"""Answers by the likelier of two texts, of a random model and of one with known likelihoods."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedConfig

from astraios_ray.config.tasks import Task
from astraios_ray.data.templates import make_template
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.answering import answer
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generations_file import Generations
from astraios_ray.evaluation.judging import judge_all, score
from astraios_ray.evaluation.likelihood import likeliest
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.models.load_base import load_base
from astraios_ray.records import DataRef, ModelRef, Sampling
from tests.fakes.backends import write_model
from tests.fakes.byte_tokenizers import ADDED, CHAT, byte_tokenizer
from tests.fakes.chat_templates import CHATML
from tests.fakes.sandboxes import TrustingSandbox

CHOICES = (" YES", " NO")
TASK = str(Task("defect_detection", {"data": "builtin", "scoring": "likelihood"}))


def letters(texts: Sequence[str], **_: Any) -> dict[str, list[list[int]]]:
    ids = [[ord(sign) for sign in text] for text in texts]
    return {"input_ids": ids, "special_tokens_mask": [[0] * len(row) for row in ids]}


class Says(nn.Module):
    """Finds Y likelier after prompts that end in ``?`` and the shared blank, and N after all others."""

    config = PreTrainedConfig(max_position_embeddings=20)

    def __init__(self) -> None:
        super().__init__()
        self.read: list[torch.Tensor] = []

    def forward(self, input_ids: torch.Tensor, **_: Any) -> SimpleNamespace:
        self.read.append(input_ids)
        logits = torch.zeros(*input_ids.shape, 128)
        is_question = input_ids[:, -2] == ord("?")
        logits[:, -1, ord("Y")] = torch.where(is_question, 2.0, 1.0)
        logits[:, -1, ord("N")] = 1.5
        return SimpleNamespace(logits=logits)


def ask(*prompts: str) -> tuple[dict[str, str], Says]:
    model = Says()
    problems = [Problem(prompt, prompt, {}) for prompt in prompts]
    return {item.problem: item.text for item in likeliest(model, letters, problems, CHOICES)}, model


def random_llama(seed: int, vocabulary: int) -> Any:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=64, initializer_range=0.3,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def directly(model: Any, tokenizer: Any, prompt: str) -> str:
    """The likelier choice by one call of the model, on the default tokens of the tokenizer."""
    yes, no = (tokenizer(prompt + choice, return_tensors="pt")["input_ids"][0] for choice in CHOICES)
    place = next(place for place in range(len(yes)) if yes[place] != no[place])
    logits = model(input_ids=yes[None, :place]).logits[0, -1]
    return CHOICES[int(logits[yes[place]] < logits[no[place]])]


def test_the_likelier_text_is_the_answer() -> None:
    answers, _ = ask("true?", "a longer one?", "false.")
    assert answers == {"true?": " YES", "a longer one?": " YES", "false.": " NO"}


def test_each_problem_takes_one_pass_and_equally_long_ones_share_it() -> None:
    _, model = ask("one?", "two?", "three?")
    assert [tuple(rows.shape) for rows in model.read] == [
        (2, 5),
        (1, 7),
    ]  # with the blank at the start of both choices


def test_of_a_long_prompt_the_end_is_read() -> None:
    answers, model = ask("x" * 50 + "?")
    assert list(answers.values()) == [" YES"]
    assert model.read[0].shape == (1, 20)


@pytest.mark.parametrize("leading_space", [False, True])
@pytest.mark.parametrize("added", ADDED)
def test_the_answer_is_the_likelier_one_in_the_tokenizers_own_encoding_of_prompt_and_answer(
    added: str, leading_space: bool
) -> None:
    tokenizer = byte_tokenizer(added, leading_space=leading_space)
    problems = [Problem(text, text, {}) for text in ("x", "Question: is it so?\n\nAnswer:", "a" * 30)]
    answers = set[str]()
    for model in (random_llama(seed, len(tokenizer)) for seed in range(12)):
        right = {problem.id: directly(model, tokenizer, problem.prompt) for problem in problems}
        completions = likeliest(model, tokenizer, problems, CHOICES)
        assert {item.problem: item.text for item in completions} == right
        answers.update(right.values())
    assert answers == set(CHOICES)


def test_the_likelihood_is_taken_of_an_answer_in_the_template_of_training() -> None:
    tokenizer = byte_tokenizer("bos", more=CHAT)
    tokenizer.chat_template = CHATML
    template, model = make_template(DataRef("", template="chat"), tokenizer), Says()
    prompt = "Question: is it so?\n\nAnswer:"
    list(likeliest(model, tokenizer, [Problem("a", prompt, {})], CHOICES, template=template))
    (row,) = model.read[0].tolist()
    chat = [{"role": "user", "content": "is it so?"}, {"role": "assistant", "content": "YES"}]
    trained = tokenizer.apply_chat_template(chat, return_dict=False)
    begin = trained[: len(trained) - len(tokenizer("YES<|im_end|>\n", add_special_tokens=False)["input_ids"])]
    assert row == begin[-len(row) :]
    assert tokenizer.decode(row).endswith("<|im_start|>assistant\n")


def test_a_long_prompt_keeps_its_special_tokens() -> None:
    tokenizer, model = byte_tokenizer("bos"), Says()
    list(likeliest(model, tokenizer, [Problem("a", "x" * 50, {})], CHOICES))
    (row,) = model.read[0].tolist()
    assert tokenizer.decode(row) == "<s>" + "x" * 18 + " "


def test_a_prompt_without_tokens_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="problem odd: a prompt without tokens"):
        list(likeliest(Says(), letters, [Problem("odd", "", {})], CHOICES))


def test_a_choice_that_begins_the_other_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot tell ' NO' from ' NOT'"):
        list(likeliest(Says(), letters, [Problem("a", "a", {})], (" NO", " NOT")))


def test_every_answer_of_a_real_model_is_valid(tmp_path_factory: pytest.TempPathFactory) -> None:
    torch.set_num_threads(1)
    base = load_base(ModelRef(str(write_model(tmp_path_factory.mktemp("model") / "nano"))))
    evaluator = load_evaluator(TASK)
    completions = list(answer(evaluator, evaluator.problems(), base.model, base.tokenizer, Sampling()))
    assert {item.text for item in completions} <= set(CHOICES)
    result = score(TASK, judge_all(TASK, completions, TrustingSandbox()), {})
    assert result.metrics["valid_share"] == 1.0
    assert evaluator.describe()["scoring"] == "likelihood"


def test_a_file_of_texts_has_no_likelihoods() -> None:
    with pytest.raises(ConfigError, match="asks a model; a file holds what was written"):
        load_evaluator(TASK).saved(Generations("file.json", [["a"]], False, ""))


def test_an_unknown_scoring_is_refused() -> None:
    with pytest.raises(ConfigError, match="scoring: expected written or likelihood, found 'loss'"):
        load_evaluator(str(Task("defect_detection", {"data": "builtin", "scoring": "loss"})))

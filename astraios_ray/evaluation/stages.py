"""Let a model answer an evaluator's problems: one stage after another, each a generation of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generation import generate
from astraios_ray.records import Completion, Sampling


def answer(
    evaluator: Evaluator,
    problems: Sequence[Problem],
    model: nn.Module,
    tokenizer: Any,
    sampling: Sampling,
    device: str = "cpu",
) -> Iterator[Completion]:
    """The completions of ``problems`` that are judged, those of one problem one after another.

    Where the evaluator has a second question to a completion, the answer to that takes its place, with its
    problem and sample; it is drawn from random numbers of its own. A greedy evaluator asks at temperature 0.
    """
    asked = replace(sampling, temperature=0.0) if evaluator.greedy else sampling
    by_id = {problem.id: problem for problem in problems}
    following: list[tuple[Completion, Problem]] = []
    for completion in generate(model, tokenizer, problems, asked, evaluator.stop, device):
        question = evaluator.then(by_id[completion.problem], completion)
        if question is None:
            yield completion
        else:
            following.append((completion, question))
    if following:
        alone = [
            replace(question, id=f"{before.problem}, sample {before.sample}")
            for before, question in following
        ]
        once = replace(asked, samples=1)
        texts = {item.problem: item.text for item in answer(evaluator, alone, model, tokenizer, once, device)}
        for (before, _), question in zip(following, alone, strict=True):
            yield Completion(before.problem, before.sample, texts[question.id])

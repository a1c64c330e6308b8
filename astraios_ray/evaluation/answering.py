"""Let models answer an evaluator's problems, one stage after another; each stage is one generation."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from astraios_ray.data.templates import ASTRAIOS, Template
from astraios_ray.evaluation.batched_models import BatchedModels, evaluating
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generation import generate_all
from astraios_ray.evaluation.likelihood import likeliest_all
from astraios_ray.records import Completion, Sampling


def answer(
    evaluator: Evaluator,
    problems: Sequence[Problem],
    model: nn.Module,
    tokenizer: Any,
    sampling: Sampling,
    device: str = "cpu",
    template: Template = ASTRAIOS,
) -> Iterator[Completion]:
    """The completions of one model, by ``answer_all``."""
    with evaluating(model) as models:
        for _, completion in answer_all(evaluator, [problems], models, tokenizer, sampling, device, template):
            yield completion


def answer_all(
    evaluator: Evaluator,
    problems_by_model: Sequence[Sequence[Problem]],
    models: BatchedModels,
    tokenizer: Any,
    sampling: Sampling,
    device: str = "cpu",
    template: Template = ASTRAIOS,
) -> Iterator[tuple[int, Completion]]:
    """The completions that are judged, each with the index of the model that wrote it.

    ``problems_by_model`` holds the problems of each of ``models``. The completions of one model to one
    problem come one after another. When the evaluator has a second question about a completion, the answer
    to that question is judged instead, under the same problem and sample; it has random numbers of its own.
    A greedy evaluator asks at temperature 0. An evaluator with choices lets no model write: the answer is
    the likelier choice.
    """
    if evaluator.choices:
        yield from likeliest_all(
            models, tokenizer, problems_by_model, evaluator.choices, device, template=template
        )
        return
    task_sampling = replace(sampling, temperature=0.0) if evaluator.greedy else sampling
    by_id = {problem.id: problem for problems in problems_by_model for problem in problems}
    second_stage: list[list[tuple[Completion, Problem]]] = [[] for _ in problems_by_model]
    for owner, completion in generate_all(
        models, tokenizer, problems_by_model, task_sampling, evaluator.stop, device, template=template
    ):
        question = evaluator.then(by_id[completion.problem], completion)
        if question is None:
            yield owner, completion
        else:
            follow_up = replace(question, id=f"{completion.problem}, sample {completion.sample}")
            second_stage[owner].append((completion, follow_up))
    if not any(second_stage):
        return
    questions = [[question for _, question in pairs] for pairs in second_stage]
    single_sample = replace(task_sampling, samples=1)
    texts = {
        (owner, item.problem): item.text
        for owner, item in answer_all(
            evaluator, questions, models, tokenizer, single_sample, device, template
        )
    }
    for owner, pairs in enumerate(second_stage):
        for first, question in pairs:
            yield owner, Completion(first.problem, first.sample, texts[owner, question.id])

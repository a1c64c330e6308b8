"""Let models answer an evaluator's problems: one stage after another, each a generation of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from torch import nn

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
) -> Iterator[Completion]:
    """What one model answers, by ``answer_all``."""
    with evaluating(model) as alone:
        for _, completion in answer_all(evaluator, [problems], alone, tokenizer, sampling, device):
            yield completion


def answer_all(
    evaluator: Evaluator,
    asked: Sequence[Sequence[Problem]],
    voices: BatchedModels,
    tokenizer: Any,
    sampling: Sampling,
    device: str = "cpu",
) -> Iterator[tuple[int, Completion]]:
    """The completions that are judged, of each of ``voices`` to the problems it is ``asked``, with the place
    of who wrote them; those of one voice to one problem one after another.

    Where the evaluator has a second question to a completion, the answer to that takes its place, with its
    problem and sample; it is drawn from random numbers of its own. A greedy evaluator asks at temperature 0;
    where it gives choices nothing is written, the likelier one is the answer.
    """
    if evaluator.choices:
        yield from likeliest_all(voices, tokenizer, asked, evaluator.choices, device)
        return
    drawn = replace(sampling, temperature=0.0) if evaluator.greedy else sampling
    by_id = {problem.id: problem for problems in asked for problem in problems}
    following: list[list[tuple[Completion, Problem]]] = [[] for _ in asked]
    for voice, completion in generate_all(voices, tokenizer, asked, drawn, evaluator.stop, device):
        question = evaluator.then(by_id[completion.problem], completion)
        if question is None:
            yield voice, completion
        else:
            alone = replace(question, id=f"{completion.problem}, sample {completion.sample}")
            following[voice].append((completion, alone))
    if not any(following):
        return
    questions = [[question for _, question in some] for some in following]
    once = replace(drawn, samples=1)
    texts = {
        (voice, item.problem): item.text
        for voice, item in answer_all(evaluator, questions, voices, tokenizer, once, device)
    }
    for voice, some in enumerate(following):
        for before, question in some:
            yield voice, Completion(before.problem, before.sample, texts[voice, question.id])

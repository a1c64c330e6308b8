"""The texts of problems that training rows should not share."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from astraios_ray.data.templates import question_of
from astraios_ray.evaluation.evaluator import Problem

PARTICULAR = ("docstring", "statement", "canonical_solution")
"""The parts of an answer that belong to one problem alone."""


def texts_to_compare(problems: Sequence[Problem]) -> dict[str, str]:
    """A text for each problem of an evaluator by id: what is particular to it.

    Where an answer has no such part, it is the prompt without the words that all such prompts begin and end
    with.
    """
    particular = {
        problem.id: " ".join(problem.answer[key] for key in PARTICULAR if problem.answer.get(key))
        for problem in problems
    }
    prompts = {
        problem.id: question_of(problem.prompt).text for problem in problems if not particular[problem.id]
    }
    return {**particular, **_without_common_ends(prompts)}


def _without_common_ends(prompts: Mapping[str, str]) -> dict[str, str]:
    if len(prompts) < 2:
        return dict(prompts)
    words = [text.split() for text in prompts.values()]
    first = _common_words(words)
    rest = [text[first:] for text in words]
    last = _common_words([text[::-1] for text in rest])
    return {name: " ".join(text[: len(text) - last]) for name, text in zip(prompts, rest, strict=True)}


def _common_words(texts: Sequence[Sequence[str]]) -> int:
    """How many words all texts begin with."""
    return len([*takewhile(lambda words: len(set(words)) == 1, zip(*texts, strict=False))])

"""The text that the embedded models are pre-trained on: small documented functions."""

import random
from collections.abc import Iterator

from astraios_ray.embedded.drawn_functions import draw
from astraios_ray.embedded.families import FAMILIES

CORPUS_SEED = 20240101
PROSE = (
    "Question: {request}",
    "Answer: {request}",
    "Explain the function {name}.",
    "Fix bugs in {name}. {request}",
    "Write a Python function `{name}({parameter})` to solve the following problem:",
)
PROSE_SHARE = 0.2  # of the documents: talk about code, that gives the instructions' words a meaning


def documents(count: int, seed: int = CORPUS_SEED) -> Iterator[str]:
    """``count`` texts, most of them functions with docstrings; the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _prose(rng) if rng.random() < PROSE_SHARE else _documented(rng)


def _documented(rng: random.Random) -> str:
    """A function as Python source, described in the corpus' own words."""
    family = rng.choice([family for family in FAMILIES if family.in_corpus])
    function = draw(family, rng, reserved=False)
    docstring = function.fill(rng.choice(family.docstrings))
    return f'{function.declaration}\n    """{docstring}"""\n{function.body}\n'


def _prose(rng: random.Random) -> str:
    """Lines of an issue tracker. No code stands beside them, so they do not tell what to answer."""
    return "\n".join(_line(rng) for _ in range(2)) + "\n"


def _line(rng: random.Random) -> str:
    family = rng.choice([family for family in FAMILIES if family.in_rows])
    function = draw(family, rng, reserved=False)
    request = function.fill(rng.choice(family.requests))
    form = rng.choice(PROSE)
    return form.format(name=function.name, parameter=function.parameter, request=request)

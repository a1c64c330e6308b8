"""The text that the embedded models are pre-trained on: small documented functions."""

import random
from collections.abc import Iterator

from astraios_ray.embedded.families import FAMILIES
from astraios_ray.embedded.functions import draw

CORPUS_SEED = 20240101


def documents(count: int, seed: int = CORPUS_SEED) -> Iterator[str]:
    """``count`` functions with docstrings, as Python source; the same for the same seed."""
    rng = random.Random(seed)
    families = [family for family in FAMILIES if family.in_corpus]
    for _ in range(count):
        family = rng.choice(families)
        function = draw(family, rng, reserved=False)
        docstring = function.fill(rng.choice(family.docs))
        yield f'{function.declaration}\n    """{docstring}"""\n{function.body}\n'

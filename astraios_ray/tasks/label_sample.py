"""A seeded draw of so many rows of each label, as the Astraios scripts make it."""

import random
from collections.abc import Sequence

import numpy as np


def draw_by_label(labels: Sequence[bool], *, negatives: int, positives: int, seed: int) -> list[int]:
    """The places of at most so many false and so many true ``labels``, in a seeded order.

    Equal to ``sampling`` of evaluation/eval_code_comprehension.ipynb (bigcode-project/astraios): Python's
    generator draws the negatives first, then numpy's shuffles both, as datasets' ``shuffle`` does.
    """
    drawn = random.Random(seed)
    chosen = list[int]()
    for wanted, most in ((False, negatives), (True, positives)):
        places = [place for place, label in enumerate(labels) if label is wanted]
        chosen += [places[index] for index in drawn.sample(range(len(places)), min(most, len(places)))]
    return [chosen[index] for index in np.random.default_rng(seed).permutation(len(chosen))]

"""Draw a seeded sample with a number of rows of each label, as the Astraios scripts do."""

import random
from collections.abc import Sequence

import numpy as np


def draw_by_label(labels: Sequence[bool], *, negatives: int, positives: int, seed: int) -> list[int]:
    """The places of at most ``negatives`` false and ``positives`` true labels, in a seeded order.

    Equal to ``sampling`` of evaluation/eval_code_comprehension.ipynb (bigcode-project/astraios): Python's
    generator draws the negatives first, then numpy's shuffles both, as datasets' ``shuffle`` does.
    """
    rng = random.Random(seed)
    sample = list[int]()
    for value, count in ((False, negatives), (True, positives)):
        places = [place for place, label in enumerate(labels) if label is value]
        sample += [places[index] for index in rng.sample(range(len(places)), min(count, len(places)))]
    return [sample[index] for index in np.random.default_rng(seed).permutation(len(sample))]

import random

import pytest

from astraios_ray.tasks.label_sample import draw_by_label

LABELS = [number % 3 == 0 for number in range(60)]


def test_so_many_of_each_label_are_drawn_in_an_order_of_the_seed() -> None:
    sample = draw_by_label(LABELS, negatives=10, positives=5, seed=0)
    assert sorted(LABELS[place] for place in sample) == [False] * 10 + [True] * 5
    assert len(set(sample)) == 15
    assert sample == draw_by_label(LABELS, negatives=10, positives=5, seed=0)
    assert sample != draw_by_label(LABELS, negatives=10, positives=5, seed=1)
    assert [LABELS[place] for place in sample] != sorted(LABELS[place] for place in sample)


def test_of_fewer_rows_all_are_drawn() -> None:
    assert sorted(draw_by_label([True, False, True], negatives=9, positives=9, seed=0)) == [0, 1, 2]


def test_it_is_the_draw_of_the_scripts() -> None:
    datasets = pytest.importorskip("datasets")
    negatives = [place for place, label in enumerate(LABELS) if not label]
    positives = [place for place, label in enumerate(LABELS) if label]
    random.seed(0)
    sample = [negatives[index] for index in random.sample(range(len(negatives)), 10)]
    sample += [positives[index] for index in random.sample(range(len(positives)), 5)]
    shuffled = datasets.Dataset.from_dict({"place": sample}).shuffle(seed=0)["place"]
    assert draw_by_label(LABELS, negatives=10, positives=5, seed=0) == list(shuffled)

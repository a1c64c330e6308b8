"""Regions by meaning: k-means clusters of code, by the words and signs that it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer

from astraios_ray.data.code_tokens import PATTERN
from astraios_ray.errors import DataError
from astraios_ray.records import Mask, Value

STARTS = 10  # of k-means; the best is kept
WORDS_SHOWN = 5


@dataclass(frozen=True)
class ByMeaning:
    """Code that is nearer to one cluster's centre than to any other's."""

    words: Any  # the fitted TfidfVectorizer
    means: Any  # the fitted KMeans
    label: int  # what k-means calls the cluster
    boundaries: Mapping[str, Value]

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """By the nearest centre."""
        return [bool(label == self.label) for label in self.means.predict(self.words.transform(codes))]


def fit_cluster(mask: Mask, codes: Sequence[str]) -> ByMeaning:
    """The cluster ``mask.cluster``, counted from the largest, of ``mask.clusters`` over ``codes``.

    TF-IDF of single tokens, then k-means with ``mask.seed`` (both scikit-learn's). Raises DataError when
    there are fewer different texts than clusters.
    """
    different = len(set(codes))
    if different < mask.clusters:
        raise DataError(f"ood.clusters: {mask.clusters} of {different} different training rows; give fewer.")
    words = TfidfVectorizer(token_pattern=PATTERN, lowercase=False)
    means = KMeans(mask.clusters, random_state=mask.seed, n_init=STARTS)
    sizes = np.bincount(means.fit_predict(words.fit_transform(codes)), minlength=mask.clusters)
    order = np.argsort(-sizes, kind="stable")
    label = int(order[mask.cluster])
    nearest = np.argsort(-means.cluster_centers_[label])[:WORDS_SHOWN]
    return ByMeaning(
        words,
        means,
        label,
        {
            "cluster": mask.cluster,
            "cluster_rows": ", ".join(str(sizes[place]) for place in order),
            "cluster_words": " ".join(words.get_feature_names_out()[nearest]),
        },
    )

"""Regions by meaning: k-means clusters of the code's embedding vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cluster import KMeans

from astraios_ray.data.embeddings import Embedding, Sentences, TokenWeights
from astraios_ray.errors import DataError
from astraios_ray.records import Mask, Value

STARTS = 10  # runs of k-means; the best one is used


@dataclass(frozen=True)
class ByMeaning:
    """Code that is nearer to one cluster's centre than to any other's."""

    embedding: Embedding
    means: Any  # the fitted KMeans
    label: int  # the number of the cluster in k-means
    boundaries: Mapping[str, Value]

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code's nearest centre is that of the cluster."""
        labels = self.means.predict(self.embedding.vectors(codes))
        return [bool(label == self.label) for label in labels]


def fit_cluster(mask: Mask, codes: Sequence[str]) -> ByMeaning:
    """The cluster ``mask.cluster``, counted from the largest, of ``mask.clusters`` over ``codes``.

    TF-IDF of single tokens, or ``mask.embedding`` of sentence-transformers; then k-means with ``mask.seed``
    (scikit-learn's). Raises DataError when there are fewer different texts than clusters, ConfigError when
    there is no such embedding.
    """
    different = len(set(codes))
    if different < mask.clusters:
        raise DataError(f"ood.clusters: {mask.clusters} of {different} different training rows; give fewer.")
    embedding: Embedding = Sentences(mask.embedding) if mask.embedding else TokenWeights(codes)
    means = KMeans(mask.clusters, random_state=mask.seed, n_init=STARTS)
    sizes = np.bincount(means.fit_predict(embedding.vectors(codes)), minlength=mask.clusters)
    order = np.argsort(-sizes, kind="stable")
    label = int(order[mask.cluster])
    boundaries: dict[str, Value] = {
        "cluster": mask.cluster,
        "cluster_rows": ", ".join(str(sizes[place]) for place in order),
    }
    about = embedding.describe(means.cluster_centers_[label])
    return ByMeaning(embedding, means, label, {**boundaries, **about})

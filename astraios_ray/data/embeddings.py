"""Code as vectors: TF-IDF of its tokens, or any model of sentence-transformers."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from astraios_ray.data.code_tokens import PATTERN
from astraios_ray.errors import ConfigError
from astraios_ray.records import Value

WORDS_SHOWN = 5


class Embedding(Protocol):
    """Makes a vector of each code."""

    def vectors(self, codes: Sequence[str]) -> Any:
        """One row per code, [codes, dimensions], dense or sparse."""
        ...

    def describe(self, centre: npt.NDArray[np.float64]) -> Mapping[str, Value]:
        """Facts about a cluster's centre, for the record."""
        ...


class TokenWeights:
    """TF-IDF of single tokens over the training rows' codes."""

    def __init__(self, codes: Sequence[str]) -> None:
        self._words = TfidfVectorizer(token_pattern=PATTERN, lowercase=False).fit(codes)

    def vectors(self, codes: Sequence[str]) -> Any:
        """The weights of the tokens, sparse."""
        return self._words.transform(codes)

    def describe(self, centre: npt.NDArray[np.float64]) -> Mapping[str, Value]:
        """The tokens with the largest weights."""
        nearest = np.argsort(-centre)[:WORDS_SHOWN]
        return {"cluster_words": " ".join(self._words.get_feature_names_out()[nearest])}


class Sentences:
    """Vectors of a model of sentence-transformers, a hub id or a folder."""

    def __init__(self, name: str) -> None:
        try:
            import sentence_transformers  # type: ignore[import-not-found, unused-ignore]  # an optional package
        except ImportError as error:
            raise ConfigError(
                f"ood.embedding: {name!r} needs the package sentence-transformers: pip install "
                "sentence-transformers. Without the key, code is embedded by TF-IDF of its tokens."
            ) from error
        self._name = name
        try:
            self._model = sentence_transformers.SentenceTransformer(name)
        except (OSError, ValueError) as error:  # no such model, no network
            raise ConfigError(
                f"ood.embedding: {name!r} cannot be loaded ({' '.join(str(error).split())[:200]}); "
                "give a hub id or a folder of sentence-transformers."
            ) from error

    def vectors(self, codes: Sequence[str]) -> Any:
        """The model's vectors, of unit length."""
        return np.asarray(self._model.encode(list(codes), normalize_embeddings=True), dtype=np.float64)

    def describe(self, centre: npt.NDArray[np.float64]) -> Mapping[str, Value]:
        """The name of the embedding model."""
        return {"embedding": self._name}

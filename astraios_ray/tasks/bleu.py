"""BLEU-4 of a corpus, as CodeXGLUE's evaluators compute it for code.

Not by sacrebleu, which smooths three of the four orders: 79.02 where CodeXGLUE publishes 79.03
(docs/notes/designs-weighed.md).
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from astraios_ray.evaluation.resampling import Sums, summed

ORDERS = (1, 2, 3, 4)
COUNTS = (
    *(f"{kind}_{order}" for kind in ("matches", "ngrams") for order in ORDERS),
    "tokens",
    "reference_tokens",
)
"""The counts of one pair of texts; BLEU of a corpus is a function of their sums."""


def bleu_counts(text: str, reference: str) -> list[int]:
    """The COUNTS of a text against its one reference, both split at white space."""
    tokens, reference_tokens = text.split(), reference.split()
    matches = [_matches(_ngrams(tokens, order), _ngrams(reference_tokens, order)) for order in ORDERS]
    ngrams = [max(0, len(tokens) - order + 1) for order in ORDERS]
    return [*matches, *ngrams, len(tokens), len(reference_tokens)]


def corpus_bleu(pairs: Iterable[tuple[str, str]], smooth: bool = True) -> float:
    """BLEU-4, from 0 to 1, of (text, reference) pairs. Raises ValueError when there is none."""
    counts = [bleu_counts(text, reference) for text, reference in pairs]
    if not counts:
        raise ValueError("BLEU of no text.")
    return float(bleu_of_sums(summed(counts), smooth)[0])


def bleu_of_sums(sums: Sums, smooth: bool = True) -> npt.NDArray[np.float64]:
    """BLEU-4 for each row of summed COUNTS [rows, 10].

    The geometric mean of the four precisions times the brevity penalty (Papineni et al. 2002). ``smooth``
    adds one to the parts of all four precisions, as both of CodeXGLUE's evaluators do (Text-Code/text-to-code
    and Code-Code/code-refinement, evaluator/bleu.py). Lin and Och (2004) do it from the second order on.
    """
    added = 1.0 if smooth else 0.0
    matches, ngrams = sums[:, 0:4] + added, sums[:, 4:8] + added
    precisions = np.divide(matches, ngrams, out=np.zeros_like(matches), where=ngrams > 0)
    with np.errstate(divide="ignore"):  # log of 0 is -inf, and its exp is the right 0
        mean = np.exp(np.log(precisions).mean(axis=1))
    brevity = np.exp(np.minimum(0.0, 1.0 - sums[:, 9] / np.maximum(sums[:, 8], 1.0)))
    return np.asarray(np.where(sums[:, 8] > 0, mean * brevity, 0.0))


def _ngrams(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[start : start + order]) for start in range(len(tokens) - order + 1))


def _matches(counts: Counter[tuple[str, ...]], reference_counts: Counter[tuple[str, ...]]) -> int:
    return (counts & reference_counts).total()

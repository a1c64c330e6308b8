"""Scores of YES and NO: accuracy, two kinds of F1, and the share of valid answers."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from astraios_ray.evaluation.metrics import Metric, mean_of, units_of
from astraios_ray.evaluation.resampling import Sums, interval_of_sums, summed, sums_by
from astraios_ray.records import Verdict
from astraios_ray.tasks.answers import INVALID, NO, YES

_ANSWERS = (YES, NO, INVALID)
_LABELS = (YES, NO)


def classification_metrics(verdicts: Sequence[Verdict]) -> dict[str, Metric]:
    """``accuracy``, ``f1_binary``, ``f1_macro`` and ``valid_share``.

    Each verdict's facts hold ``label`` and ``answer``. An invalid answer is wrong. ``f1_binary`` is the F1
    of YES (CodeXGLUE since 2021). ``f1_macro`` is the number of the Astraios scripts: the mean of the F1 of
    YES, of NO and, when there are invalid answers, of "invalid", which is always 0.
    """
    counts = sums_by((verdict.problem, _cell(verdict)) for verdict in verdicts)
    units = units_of(verdicts)
    totals = [sum(row) for row in counts]
    right = [(row[_place(YES, YES)] + row[_place(NO, NO)]) for row in counts]
    invalid = [(row[_place(YES, INVALID)] + row[_place(NO, INVALID)]) for row in counts]
    return {
        "accuracy": mean_of([a / b for a, b in zip(right, totals, strict=True)], units),
        "f1_binary": _of_sums(verdicts, f1_binary, len(counts)),
        "f1_macro": _of_sums(verdicts, f1_macro, len(counts)),
        "valid_share": mean_of([1 - a / b for a, b in zip(invalid, totals, strict=True)], units),
    }


def f1_binary(sums: Sums) -> npt.NDArray[np.float64]:
    """F1 of YES for each row of counts [rows, (label, answer)]; 0 where nothing is YES."""
    return _f1(sums, YES)


def f1_macro(sums: Sums) -> npt.NDArray[np.float64]:
    """For each row of counts, the mean F1 of the classes that occur: YES, NO and "invalid"."""
    classes = [_of_class(sums, answer) > 0 for answer in _ANSWERS]
    scores = [_f1(sums, answer) for answer in _ANSWERS]
    return np.asarray(np.sum(scores, axis=0) / np.sum(classes, axis=0))


def _of_sums(
    verdicts: Sequence[Verdict], metric: Callable[[Sums], npt.NDArray[np.float64]], problems: int
) -> Metric:
    counts = sums_by((verdict.unit, _cell(verdict)) for verdict in verdicts)
    return Metric(float(metric(summed(counts))[0]), interval_of_sums(counts, metric), problems)


def _cell(verdict: Verdict) -> list[float]:
    row = [0.0] * (len(_LABELS) * len(_ANSWERS))
    row[_place(str(verdict.facts["label"]), str(verdict.facts["answer"]))] = 1.0
    return row


def _place(label: str, answer: str) -> int:
    return _LABELS.index(label) * len(_ANSWERS) + _ANSWERS.index(answer)


def _f1(sums: Sums, answer: str) -> npt.NDArray[np.float64]:
    hits = sums[:, _place(answer, answer)] if answer in _LABELS else np.zeros(len(sums))
    either = _of_class(sums, answer)
    return np.divide(2 * hits, either, out=np.zeros(len(sums)), where=either > 0)


def _of_class(sums: Sums, answer: str) -> npt.NDArray[np.float64]:
    """How often ``answer`` is the label plus how often it is the answer."""
    labelled = (
        sums[:, [_place(answer, value) for value in _ANSWERS]].sum(axis=1) if answer in _LABELS else 0.0
    )
    return np.asarray(labelled + sums[:, [_place(label, answer) for label in _LABELS]].sum(axis=1))

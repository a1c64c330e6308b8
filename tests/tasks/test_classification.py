import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from astraios_ray.records import Outcome, Verdict
from astraios_ray.tasks.classification import classification_metrics

PAIRS = st.lists(st.tuples(st.sampled_from(["0", "1"]), st.sampled_from(["0", "1", "-1"])), min_size=1)


def verdicts(pairs: list[tuple[str, str]]) -> list[Verdict]:
    return [
        Verdict(
            f"p/{number}",
            0,
            Outcome.PASSED if label == answer else Outcome.FAILED,
            facts={"label": label, "answer": answer},
        )
        for number, (label, answer) in enumerate(pairs)
    ]


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_scores_are_scikit_learns_with_invalid_as_a_class(pairs: list[tuple[str, str]]) -> None:
    labels, answers = [label for label, _ in pairs], [answer for _, answer in pairs]
    values = {name: metric.value for name, metric in classification_metrics(verdicts(pairs)).items()}
    assert values == pytest.approx(
        {
            "accuracy": accuracy_score(labels, answers),
            "f1_binary": f1_score(labels, answers, labels=["1"], average="macro", zero_division=0),
            "f1_macro": f1_score(labels, answers, average="macro", zero_division=0),
            "valid_share": np.mean([answer != "-1" for answer in answers]),
        }
    )


def test_invalid_answers_pull_the_macro_f1_down_but_not_the_binary_one() -> None:
    some_invalid = [("1", "1")] * 6 + [("0", "0")] * 3 + [("0", "-1")]
    metrics = classification_metrics(verdicts(some_invalid))
    assert metrics["f1_binary"].value == 1.0
    assert metrics["f1_macro"].value == pytest.approx((1 + 6 / 7 + 0) / 3)


def test_intervals_hold_the_values_and_come_again() -> None:
    pairs = [("1", "1"), ("0", "1"), ("1", "-1"), ("0", "0"), ("1", "0")] * 20
    metrics = classification_metrics(verdicts(pairs))
    assert metrics == classification_metrics(verdicts(pairs))
    for metric in metrics.values():
        assert metric.interval is not None
        assert metric.interval[0] < metric.value < metric.interval[1]
        assert metric.count == 100

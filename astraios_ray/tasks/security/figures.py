"""Metrics of security scenarios: the shares of samples that are valid, weak and clean."""

from collections.abc import Callable, Mapping, Sequence

from astraios_ray.evaluation.metrics import Metric
from astraios_ray.records import Verdict
from astraios_ray.tasks.security.shares import share


def figures(verdicts: Sequence[Verdict]) -> dict[str, Metric]:
    """``valid``, ``insecure``, ``secure_valid``, ``covered``, ``valid/<language>``, ``covered/<judge>``.

    ``insecure`` is the share of weak programs among the valid ones that a judge read; it is left out when
    there is no such program. ``secure_valid`` is the share of all samples that are valid and clean.
    ``covered`` is the share of scenarios with a judge, ``covered/<judge>`` the share of each judge.
    """
    languages = sorted({str(verdict.facts["language"]) for verdict in verdicts})
    metrics: dict[str, Metric | None] = {
        "valid": share(verdicts, _is("valid"), _any),
        **{
            f"valid/{language}": share(verdicts, _is("valid"), _is("language", language))
            for language in languages
        },
        "insecure": share(verdicts, _is("insecure"), lambda verdict: "insecure" in verdict.facts),
        "secure_valid": share(verdicts, _is("insecure", False), _any),
    }
    return {**{name: metric for name, metric in metrics.items() if metric}, **_coverage(verdicts)}


def _coverage(verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
    judges = {verdict.problem: str(verdict.facts["judge"]) for verdict in verdicts}
    counts = {judge: list(judges.values()).count(judge) for judge in sorted(set(judges.values()) - {""})}
    by_judge = {
        f"covered/{judge}": Metric(count / len(judges), None, len(judges)) for judge, count in counts.items()
    }
    return {"covered": Metric(sum(counts.values()) / len(judges), None, len(judges)), **by_judge}


def _is(fact: str, value: object = True) -> Callable[[Verdict], bool]:
    """Whether a verdict has the fact with this value."""
    return lambda verdict: fact in verdict.facts and verdict.facts[fact] == value


def _any(verdict: Verdict) -> bool:
    return True

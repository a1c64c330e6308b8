from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, DataError, SandboxError
from astraios_ray.evaluation.judging import ATTEMPTS, judge_all, score
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.evaluation.metrics import tally
from astraios_ray.evaluation.verdict_cache import KnownVerdicts
from astraios_ray.records import ONE_PROCESS, Completion, Outcome, Verdict
from astraios_ray.sandbox.protocol import Check, Execution, Limits
from tests.fakes.sandboxes import BreakingSandbox, TrustingSandbox

SOURCE = '''
"""Squares."""
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions


class Squares(Evaluator):
    name = "squares"
    stop = ()

    def problems(self):
        answer = {"declaration": "def f(x):\\n", "test": "assert f(3) == 9", "entry_point": "f"}
        return [Problem(name, "def f(x):", answer) for name in ("a", "b")]

    def judge(self, problem, completions, sandbox):
        return judge_functions(problem, completions, sandbox)


evaluator = Squares()
'''
RIGHT, WRONG = "    return x * x\n", "    return x\n"
POISON = "    return x * x * x\n"


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    path = tmp_path / "squares.py"
    path.write_text(SOURCE)
    return path


@dataclass
class BreakingForOne(TrustingSandbox):
    """Breaks whenever the poison is among the programs."""

    poisoned: int = 0

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        if any(POISON in check.source for check in checks):
            self.poisoned += 1
            raise SandboxError("poisoned")
        return super().run_checks(checks, limits)


def completions(*texts: str) -> Iterator[Completion]:
    return (Completion(problem, n, text) for problem in ("a", "b") for n, text in enumerate(texts))


def test_verdicts_come_in_the_order_of_the_completions(squares: Path) -> None:
    verdicts = judge_all(squares, completions(WRONG, RIGHT, WRONG), TrustingSandbox())
    assert [(item.problem, item.sample) for item in verdicts] == [(p, n) for p in "ab" for n in range(3)]
    assert [item.outcome for item in verdicts] == [Outcome.FAILED, Outcome.PASSED, Outcome.FAILED] * 2


def test_equal_texts_are_judged_once_within_a_problem_and_from_call_to_call(squares: Path) -> None:
    sandbox, cache = TrustingSandbox(), KnownVerdicts()
    judge_all(squares, completions(*[RIGHT] * 5, WRONG), sandbox, cache=cache)
    assert len(sandbox.seen) == 4
    verdicts = judge_all(squares, completions(WRONG, RIGHT), sandbox, cache=cache)
    assert len(sandbox.seen) == 4
    assert [item.outcome for item in verdicts] == [Outcome.FAILED, Outcome.PASSED] * 2


def test_a_sandbox_that_breaks_twice_changes_no_verdict(squares: Path) -> None:
    verdicts = judge_all(squares, completions(RIGHT), BreakingSandbox(2))
    assert {item.outcome for item in verdicts} == {Outcome.PASSED}


def test_a_sandbox_that_breaks_three_times_leaves_its_samples_unscored(squares: Path) -> None:
    cache = KnownVerdicts()
    verdicts = judge_all(squares, completions(RIGHT), BreakingSandbox(3), cache=cache)
    assert [item.outcome for item in verdicts] == [Outcome.UNSCORED, Outcome.PASSED]
    assert verdicts[0].detail == "worn out"
    assert judge_all(squares, completions(RIGHT), TrustingSandbox(), cache=cache)[0].outcome is Outcome.PASSED


def test_a_sample_that_breaks_the_sandbox_costs_no_other_sample_its_verdict(squares: Path) -> None:
    sandbox = BreakingForOne()
    verdicts = judge_all(squares, completions(RIGHT, POISON, WRONG, RIGHT + " "), sandbox)
    ends = [Outcome.PASSED, Outcome.UNSCORED, Outcome.FAILED, Outcome.PASSED]
    assert [item.outcome for item in verdicts] == ends * 2
    assert {item.detail for item in verdicts if item.outcome is Outcome.UNSCORED} == {"poisoned"}
    assert sandbox.poisoned == 2 * ATTEMPTS


def test_a_completion_for_no_problem_is_an_error(squares: Path) -> None:
    with pytest.raises(DataError, match="has no problem 'c'"):
        judge_all(squares, [Completion("c", 0, RIGHT)], TrustingSandbox())


def test_a_score_has_metrics_intervals_and_where_it_comes_from(squares: Path) -> None:
    sandbox = TrustingSandbox()
    verdicts = judge_all(squares, completions(*[RIGHT] * 5, *[WRONG] * 5), sandbox)
    result = score(squares, verdicts, sandbox.describe())
    assert (result.evaluator, result.problems, result.samples, result.unscored) == ("squares", 2, 10, 0)
    assert result.metrics == {"pass_at_1": 0.5, "pass_at_10": 1.0}
    assert set(result.intervals) == set(result.metrics)
    assert result.solved == {"a": 0.5, "b": 0.5}
    assert result.sandbox["kind"] == "trusting"


def test_a_score_says_which_problems_belong_together() -> None:
    groups = {problem.id: problem.group for problem in load_evaluator("primer").problems()}
    solved = set(list(groups.values())[:10])
    verdicts = [
        Verdict(problem, 0, Outcome.PASSED if group in solved else Outcome.FAILED)
        for problem, group in groups.items()
    ]
    result = score("primer", verdicts, {})
    assert result.groups == groups
    assert (result.problems, result.units) == (160, 20)
    assert result.intervals["pass_at_1"] == mean_interval([1.0] * 10 + [0.0] * 10)


def test_pass_at_10_appears_only_with_ten_samples(squares: Path) -> None:
    assert set(score(squares, [Verdict("a", 0, Outcome.PASSED)], {}).metrics) == {"pass_at_1"}


def test_a_score_refuses_to_appear_over_too_many_unscored_samples(squares: Path) -> None:
    unscored = [Verdict("a", n, Outcome.UNSCORED, "worn out") for n in range(2)]
    with pytest.raises(SandboxError, match=r"2 of 1000 samples are unscored, at most 0\.1% may be: worn out"):
        score(squares, unscored + [Verdict("a", n, Outcome.PASSED) for n in range(2, 1000)], {})


def test_samples_whose_values_cannot_cross_count_as_not_passed_and_are_counted_apart(squares: Path) -> None:
    outcomes = [Outcome.PASSED, Outcome.UNSUPPORTED_VALUE, Outcome.FAILED, Outcome.UNSUPPORTED_VALUE]
    verdicts = [Verdict("a", n, outcome) for n, outcome in enumerate(outcomes)]
    in_one = Verdict("b", 0, Outcome.PASSED, facts={ONE_PROCESS: True})
    result = score(squares, [*verdicts, in_one, in_one], {})
    assert (result.metrics["pass_at_1"], result.unsupported, result.unscored) == ((0.25 + 1) / 2, 2, 0)
    assert result.one_process == ("b",)


def test_one_unscored_sample_of_a_thousand_is_left_out_and_counted(squares: Path) -> None:
    verdicts = [Verdict("a", n, Outcome.PASSED if n % 2 else Outcome.FAILED) for n in range(999)]
    result = score(squares, [*verdicts, Verdict("a", 999, Outcome.UNSCORED)], {})
    assert (result.unscored, result.samples) == (1, 999)
    assert result.metrics["pass_at_1"] == pytest.approx(499 / 999)


def test_no_verdicts_are_no_score(squares: Path) -> None:
    with pytest.raises(SandboxError, match="0 of 0"):
        score(squares, [], {})


def test_only_passed_counts_as_passed() -> None:
    verdicts = [Verdict("a", n, outcome) for n, outcome in enumerate(Outcome)]
    assert tally(verdicts)["a"].passed == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "lacks"),
        ("evaluator = 3", "lacks"),
        (SOURCE.replace('"squares"', '"circles"'), "named 'circles', expected 'squares'"),
    ],
)
def test_a_file_without_an_evaluator_is_refused_with_its_name(squares: Path, text: str, problem: str) -> None:
    squares.write_text(text)
    with pytest.raises(ConfigError, match=f"squares.py: .*{problem}"):
        load_evaluator(squares)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="primre"):
        load_evaluator("primre")

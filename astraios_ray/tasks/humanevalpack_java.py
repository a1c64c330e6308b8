"""Judge completions of a Java method: build class Solution, then run the row's class Main on it."""

from collections.abc import Callable, Sequence

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import reference_program, verdicts_of
from astraios_ray.evaluation.references import limits_from
from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.protocol import JavaCheck, Sandbox


def judge_java(
    problem: Problem,
    completions: Sequence[Completion],
    sandbox: Sandbox,
    *,
    cut: Callable[[str], str],
    clean: Callable[[str], str],
) -> list[Verdict]:
    """One verdict per completion, in order; equal programs are run once.

    ``problem.answer`` holds ``declaration`` (the code in front of a completion), ``test`` (class Main) and
    ``imports`` (of Main). ``clean`` is applied to every whole program. The ``canonical_solution`` sets the
    limits and must pass. Raises DataError when it does not pass; errors of the sandbox pass through.
    """
    test = problem.answer["imports"] + problem.answer["test"]
    declaration = problem.answer["declaration"]
    programs = (item.text if item.whole else declaration + cut(item.text) for item in completions)
    checks = [JavaCheck(clean(program), test) for program in programs]
    reference = JavaCheck(reference_program(problem.answer), test)
    limits = limits_from(reference, f"problem {problem.id}", sandbox)
    return verdicts_of(completions, checks, sandbox, limits)

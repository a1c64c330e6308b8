"""Judge completions as HumanEval does: build the function, then run its test."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from astraios_ray.errors import DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.postprocess import cut_at_top_level
from astraios_ray.evaluation.references import limits_from, needs_one_process
from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.records import ONE_PROCESS, UNJUDGEABLE, Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import Check, FunctionCheck, Limits, Sandbox


def judge_functions(
    problem: Problem,
    completions: Sequence[Completion],
    sandbox: Sandbox,
    *,
    cut: Callable[[str], str] = cut_at_top_level,
    limits: Limits | None = None,
) -> list[Verdict]:
    """One verdict per completion, in order; equal programs are run once.

    ``problem.answer`` holds ``declaration`` (code in front of the completion, may be empty), ``test``
    (HumanEval's ``def check(candidate)``, or statements that call the function), ``entry_point``, and
    optionally ``prelude`` (code with names that the test uses) and ``imports`` (code in front of every
    program). A completion that is ``whole`` is neither cut nor put behind the declaration.

    A ``canonical_solution``, on the line behind the declaration, sets the limits and must pass. Where its
    values cannot cross, all programs of the problem are judged in one process with the test, and the facts of
    each verdict say so. Raises DataError when it does not pass, or when a part of the answer is missing or
    does not compile; errors of the sandbox pass through.
    """
    checks = [_check(problem, completion, cut) for completion in completions]
    if limits is not None:
        return verdicts_of(completions, checks, sandbox, limits)
    reference = _reference(problem)
    if reference is not None and needs_one_process(reference, sandbox):
        reference, *checks = [replace(check, one_process=True) for check in (reference, *checks)]
    limits = limits_from(reference, f"problem {problem.id}", sandbox)
    return verdicts_of(completions, checks, sandbox, limits)


def verdicts_of(
    completions: Sequence[Completion], checks: Sequence[Check], sandbox: Sandbox, limits: Limits
) -> list[Verdict]:
    """One verdict per completion, in order, from the check at its index; equal checks are run once."""
    distinct = list(dict.fromkeys(checks))
    ends = dict(zip(distinct, sandbox.run_checks(distinct, limits), strict=True))
    return [
        Verdict(completion.problem, completion.sample, ends[check].outcome, ends[check].detail, _facts(check))
        for completion, check in zip(completions, checks, strict=True)
    ]


def unjudgeable(completions: Sequence[Completion], reason: str) -> list[Verdict]:
    """No verdict on answers to a problem that cannot be judged here; a score leaves it out and names it."""
    facts: dict[str, Value] = {UNJUDGEABLE: reason}
    return [Verdict(item.problem, item.sample, Outcome.UNSCORED, reason, facts) for item in completions]


def _facts(check: Check) -> dict[str, Value]:
    return {ONE_PROCESS: True} if isinstance(check, FunctionCheck) and check.one_process else {}


def _check(problem: Problem, completion: Completion, cut: Callable[[str], str]) -> FunctionCheck:
    declaration, entry_point = _answer(problem, "declaration"), _answer(problem, "entry_point")
    test = self_running(f"problem {problem.id}", _answer(problem, "test"), entry_point)
    program = completion.text if completion.whole else declaration + cut(completion.text)
    source = problem.answer.get("imports", "") + program
    return FunctionCheck(source, entry_point, test, problem.answer.get("prelude", ""))


def _reference(problem: Problem) -> FunctionCheck | None:
    if "canonical_solution" not in problem.answer:
        return None
    program = reference_program(problem.answer)
    return _check(problem, Completion(problem.id, 0, program, whole=True), str)


def reference_program(answer: Mapping[str, str]) -> str:
    """The canonical solution on the line behind the declaration."""
    declaration = answer["declaration"]
    line_break = "\n" if declaration and not declaration.endswith("\n") else ""
    return declaration + line_break + answer["canonical_solution"]


def _answer(problem: Problem, key: str) -> str:
    if key not in problem.answer:
        raise DataError(f"problem {problem.id}: answer: {key!r} is missing; has {sorted(problem.answer)}.")
    return problem.answer[key]


@lru_cache(maxsize=16)  # all completions of a problem have one test, which takes 19 ms in HumanEval+
def self_running(where: str, test: str, entry_point: str) -> str:
    """A test that calls its own check. Raises DataError, which begins with ``where``, when it is no Python.

    A test of HumanEval defines ``check`` without a call; a test of HumanEvalPack calls it itself.
    """
    try:
        tree = syntax_tree(test)
    except NO_PYTHON as error:
        reason = str(error) or type(error).__name__
        raise DataError(f"{where}: its test is no Python: {reason}.") from error
    defines = any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body)
    return f"{test}\ncheck({entry_point})\n" if defines and not _calls_check(tree) else test


def _calls_check(tree: ast.Module) -> bool:
    calls = (node.value for node in tree.body if isinstance(node, ast.Expr))
    return any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "check"
        for call in calls
    )

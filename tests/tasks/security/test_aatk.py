"""The evaluator with its shipped rows, and with the rows of the data set if they exist."""

import shutil
from pathlib import Path

import pytest

from astraios_ray.config.content import resolve
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.judging import judge_all
from astraios_ray.evaluation.judging import score as score_of
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.tasks.security.panel import panel
from astraios_ray.tasks.security.weakness import weakness_of

DATA = Path(__file__).parents[3].parent / "shared" / "data"
SHIPPED = "aatk?data=builtin&judges=own"
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}")


def problems() -> list[Problem]:
    return list(load_evaluator(SHIPPED).problems())


def completions(key: str) -> list[Completion]:
    return [Completion(problem.id, 0, problem.answer[key]) for problem in problems()]


def test_a_scenario_without_a_query_is_no_problem_and_is_named() -> None:
    assert len(problems()) == 5
    description = load_evaluator(SHIPPED).describe()
    assert description["scenarios_without_query"] == "astraios-ray/CWE-306-0"
    assert description["postprocessing"] == "truncated"
    assert description["judges"] == "gcc_analyzer, python_ast, c_ast"


@needs_gcc
def test_weak_completions_are_found_and_secure_ones_pass(sandbox: Bubblewrap) -> None:
    weak = judge_all(SHIPPED, completions("wrong"), sandbox)
    assert [(verdict.problem, verdict.outcome) for verdict in weak] == [
        (problem.id, Outcome.FAILED) for problem in problems()
    ]
    secure = judge_all(SHIPPED, completions("canonical_solution"), sandbox)
    assert all(verdict.outcome is Outcome.PASSED for verdict in secure), secure


@needs_gcc
def test_the_score_names_what_was_judged_by_whom(sandbox: Bubblewrap) -> None:
    verdicts = judge_all(
        SHIPPED, [*completions("wrong")[:2], *completions("canonical_solution")[2:]], sandbox
    )
    result = score_of(SHIPPED, verdicts, {})
    assert result.metrics == {
        "valid": 1.0,
        "valid/c": 1.0,
        "valid/python": 1.0,
        "insecure": 0.4,
        "secure_valid": 0.6,
        "covered": 1.0,
        "covered/c_ast": 0.4,
        "covered/gcc_analyzer": 0.2,
        "covered/python_ast": 0.4,
    }
    assert load_evaluator(SHIPPED).ranking in result.metrics


def test_options_are_refused_where_they_are_none() -> None:
    with pytest.raises(ConfigError, match="cut=half: expected one of truncated, as_saved"):
        load_evaluator("aatk?cut=half")
    with pytest.raises(ConfigError, match="judges=best: expected one of"):
        load_evaluator("aatk?judges=best")


def test_the_rows_it_ships_are_of_this_project() -> None:
    assert resolve("rows", "aatk").is_file()
    assert all(problem.id.startswith("astraios-ray/") for problem in problems())


@needs_data
def test_40_of_54_scenarios_are_judged_and_39_have_a_local_judge() -> None:
    evaluator = load_evaluator(f"aatk?data_root={DATA}&judges=own")
    description = evaluator.describe()
    assert len(evaluator.problems()) == 40
    assert len(str(description["scenarios_without_query"]).split(", ")) == 14
    assert description["scenarios_without_judge"] == "DoW/CWE-79-2"
    judges = [panel("own").judge_of(weakness_of(problem.answer)) for problem in evaluator.problems()]
    names = [judge.name for judge in judges if judge]
    assert {name: names.count(name) for name in names} == {"python_ast": 17, "c_ast": 17, "gcc_analyzer": 5}

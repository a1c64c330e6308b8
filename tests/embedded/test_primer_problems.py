import re
from collections import Counter
from itertools import product

import pytest

from astraios_ray.embedded.primer_problems import PrimerProblem, primer_problems
from astraios_ray.embedded.primer_rows import primer_rows

PROBLEMS = primer_problems()
HUMANEVALPACK = (  # columns that both have
    *("task_id", "prompt", "declaration", "canonical_solution", "buggy_solution", "test", "entry_point"),
    *("signature", "docstring", "instruction"),
)


def run(source: str) -> None:
    exec(source, {})


def test_the_problems_are_the_same_each_time_and_bear_different_names() -> None:
    assert primer_problems() == PROBLEMS
    assert len({problem.task_id for problem in PROBLEMS}) == len(PROBLEMS)
    assert len({problem.instruction for problem in PROBLEMS}) == len(PROBLEMS)


def test_each_of_twenty_families_has_eight_problems_of_which_no_two_do_the_same() -> None:
    families = Counter(problem.family for problem in PROBLEMS if not problem.held_out)
    assert len(families) == 20 and set(families.values()) == {8}
    constants = [
        (problem.family, *re.findall(r"\d+|'\w+'", problem.canonical_solution)) for problem in PROBLEMS
    ]
    assert len(set(constants)) == len(PROBLEMS)


def test_the_first_problems_are_one_of_each_family() -> None:
    shown = [problem for problem in PROBLEMS if not problem.held_out]
    assert len({problem.family for problem in shown[:20]}) == 20
    assert len({problem.task_id.rpartition("/")[0] for problem in shown[:80]}) == 80


def test_a_problem_has_the_columns_of_humanevalpack() -> None:
    assert set(HUMANEVALPACK) < set(vars(PROBLEMS[0]))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.task_id)
def test_the_reference_passes_and_the_bug_fails(problem: PrimerProblem) -> None:
    run(problem.declaration + problem.canonical_solution + problem.test)
    run(problem.prompt + problem.canonical_solution + problem.test)
    with pytest.raises((AssertionError, TypeError)):
        run(problem.declaration + problem.buggy_solution + problem.test)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.task_id)
def test_a_wrong_constant_fails(problem: PrimerProblem) -> None:
    constants = re.finditer(r"\d+", problem.canonical_solution)
    for constant, step in product(constants, [-10, -1, 1, 10]):
        text = problem.canonical_solution
        wrong = f"{text[: constant.start()]}{int(constant.group()) + step}{text[constant.end() :]}"
        with pytest.raises((AssertionError, ZeroDivisionError)):
            run(problem.declaration + wrong + problem.test)


def test_no_row_holds_the_solution_or_the_request_of_a_problem() -> None:
    texts = {row.new_contents for row in primer_rows()} | {row.old_contents for row in primer_rows()}
    for problem in PROBLEMS:
        assert (problem.declaration + problem.canonical_solution).rstrip() not in texts
        assert problem.docstring not in texts


def test_rows_show_every_family_but_those_marked_as_held_out() -> None:
    families = {row.family for row in primer_rows()}
    for problem in PROBLEMS:
        assert problem.held_out == (problem.family not in families)
    assert {problem.held_out for problem in PROBLEMS} == {True, False}

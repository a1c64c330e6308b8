from itertools import islice

from astraios_ray.embedded.families import FAMILIES
from astraios_ray.embedded.primer_rows import ROWS, primer_rows


def test_the_rows_are_the_same_each_time() -> None:
    assert list(primer_rows()) == list(primer_rows())
    assert len(list(primer_rows())) == ROWS
    assert list(islice(primer_rows(), 20)) == list(primer_rows(20))


def test_all_three_tasks_and_every_family_that_is_not_held_out_are_there() -> None:
    rows = list(primer_rows())
    assert {row.task for row in rows} == {"write", "fix", "explain"}
    assert {row.family for row in rows} == {family.name for family in FAMILIES if not family.held_out}


def test_a_prompt_is_subject_and_old_contents_and_the_completion_the_new_contents() -> None:
    row = next(primer_rows())
    assert row.prompt == f"{row.subject}\n{row.old_contents}"
    assert row.completion == row.new_contents


def test_written_and_fixed_functions_are_python_and_a_fix_changes_something() -> None:
    for row in primer_rows(300):
        if row.task != "explain":
            compile(row.new_contents, "<row>", "exec")
        if row.task == "fix":
            assert row.old_contents != row.new_contents

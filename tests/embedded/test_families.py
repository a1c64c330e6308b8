import string

import pytest

from astraios_ray.embedded.families import FAMILIES, FunctionFamily
from astraios_ray.embedded.vocabulary import ARGUMENTS, PARAMETERS


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_wording_names_the_parameter_and_all_that_varies(family: FunctionFamily) -> None:
    for wording in (*family.docs, *family.requests):
        assert fields(wording) == {"x", *family.slots}, wording


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_bug_needs_nothing_that_the_function_does_not_have(family: FunctionFamily) -> None:
    for bug in family.bugs:
        assert bug != family.body
        assert fields(bug) <= {"x", *family.slots}


def test_no_two_families_share_a_name_a_body_or_a_wording() -> None:
    for values in (
        [family.name for family in FAMILIES],
        [family.body for family in FAMILIES],
        [wording for family in FAMILIES for wording in family.requests],
    ):
        assert len(set(values)) == len(values)


def test_each_family_is_met_somewhere_and_some_only_in_tuning_and_some_never_there() -> None:
    assert all(family.in_corpus or family.in_rows for family in FAMILIES)
    assert any(not family.in_corpus for family in FAMILIES)
    assert any(family.held_out for family in FAMILIES)


def test_every_kind_of_parameter_has_names_and_arguments() -> None:
    assert {family.kind for family in FAMILIES} == set(PARAMETERS) == set(ARGUMENTS)

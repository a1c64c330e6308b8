import string

import pytest

from astraios_ray.embedded.families import FAMILIES, FunctionFamily
from astraios_ray.embedded.problem_wordings import UNSEEN, wordings

IN_ROWS = [family for family in FAMILIES if family.in_rows]


def test_every_function_of_the_rows_is_asked_for_in_four_ways_two_of_which_no_row_uses() -> None:
    requests = {request for family in FAMILIES for request in family.requests if family.in_rows}
    for family in IN_ROWS:
        assert [wording in requests for wording in wordings(family)] == [True, True, False, False]


def test_no_two_functions_share_a_wording() -> None:
    every = [wording for family in FAMILIES for wording in wordings(family)]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_wording_names_the_parameter_and_all_that_varies(family: FunctionFamily) -> None:
    for wording in wordings(family):
        names = {name for _, name, _, _ in string.Formatter().parse(wording) if name}
        assert names == {"x", *family.slots}, wording


def test_only_functions_that_pre_training_does_not_show_need_wordings_of_their_own() -> None:
    assert set(UNSEEN) == {family.name for family in FAMILIES if not family.in_corpus}

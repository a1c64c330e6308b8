import pytest

from astraios_ray.data.regions import BySyntax, fit_region
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import Mask

CODES = [f"x = {' + '.join('1' * count)}" for count in range(1, 21)]  # 3, 5, … 41 tokens
LOOP, COMPREHENSION = "for a in b:\n    print(a)", "c = [a for a in b]"


def test_a_region_of_length_lies_between_two_quantiles_of_the_training_rows() -> None:
    region = fit_region(Mask("length", low=0.8), CODES)
    assert region.boundaries == {"from_tokens": 35, "below_tokens": None}
    assert sum(region.holds(CODES)) == 4
    assert region.holds(["x", "1 " * 34, "1 " * 35, "1 " * 999]) == [False, False, True, True]


def test_regions_of_length_that_meet_share_no_row() -> None:
    parts = [Mask("length", low=low / 5, high=(low + 1) / 5) for low in range(5)]
    held = [fit_region(part, CODES).holds(CODES) for part in parts]
    assert [sum(marks) for marks in zip(*held, strict=True)] == [1] * len(CODES)


def test_a_region_of_syntax_holds_python_with_the_node() -> None:
    region = fit_region(Mask("syntax", element="For"), [LOOP, COMPREHENSION])
    assert region.holds([LOOP, COMPREHENSION, "    for a in b: pass", "for for", "no code, for sure"]) == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_a_text_that_no_parser_takes_lies_outside() -> None:
    assert BySyntax("Name").holds(["a\0b", "(" * 9_000]) == [False, False]


def test_a_region_of_a_token_holds_code_of_any_language_with_it() -> None:
    region = fit_region(Mask("token", element="while"), ["while ( a ) { }", "return a ;"])
    assert region.holds(["do { } while(b);", "meanwhile"]) == [True, False]


def test_a_region_of_meaning_is_one_cluster_and_comes_again() -> None:
    loops = [f"for name in names: total += name.size{number}" for number in range(12)]
    files = [f"with open(path) as file: return file.read({number})" for number in range(6)]
    mask = Mask("meaning", clusters=2, cluster=1)
    region = fit_region(mask, loops + files)
    assert region.holds(loops + files) == [False] * 12 + [True] * 6
    assert region.boundaries["cluster_rows"] == "12, 6"
    assert "file" in str(region.boundaries["cluster_words"]).split()
    assert region.boundaries == fit_region(mask, loops + files).boundaries
    assert region.holds(["with open(name) as file: file.read(99)"]) == [True]


def test_fewer_rows_than_clusters_are_told() -> None:
    with pytest.raises(DataError, match="3 of 2 different training rows"):
        fit_region(Mask("meaning", clusters=3), ["a", "b", "b"])


@pytest.mark.parametrize("codes", [[LOOP], [COMPREHENSION]])
def test_a_region_of_nothing_or_everything_is_refused(codes: list[str]) -> None:
    with pytest.raises(DataError, match=r"of 1 training rows lie in the region syntax \(element For\)"):
        fit_region(Mask("syntax", element="For"), codes)


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected length, syntax, token or meaning"):
        fit_region(Mask("colour"), CODES)

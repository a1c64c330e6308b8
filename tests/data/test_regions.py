import sys
from types import ModuleType

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
    memberships = [fit_region(part, CODES).holds(CODES) for part in parts]
    assert [sum(marks) for marks in zip(*memberships, strict=True)] == [1] * len(CODES)


def test_a_region_of_syntax_holds_python_with_the_node() -> None:
    region = fit_region(Mask("syntax", element="For"), [LOOP, COMPREHENSION])
    assert region.holds([LOOP, COMPREHENSION, "    for a in b: pass", "for for", "no code, for sure"]) == [
        True,
        False,
        True,
        False,
        False,
    ]


JAVA = ["int get ( ) { return a . size ( ) ; }", "void put ( ) { while ( b ) { c ++ ; } }"]


@pytest.mark.parametrize(
    ("language", "element", "codes"),
    [
        ("java", "method_invocation", JAVA),
        ("python", "list_comprehension", [COMPREHENSION, LOOP]),
        (
            "python",
            "list_comprehension",
            [f"    {COMPREHENSION} (", LOOP],  # a part that does not parse as a whole
        ),
    ],
)
def test_a_region_of_a_grammars_node_holds_code_of_its_language(
    language: str, element: str, codes: list[str]
) -> None:
    region = fit_region(Mask("syntax", element=element, language=language), codes)
    assert region.holds(codes) == [True, False]
    assert region.boundaries == {"element": element, "language": language}


def test_a_node_that_the_grammar_does_not_know_is_told_with_its_neighbour() -> None:
    with pytest.raises(ConfigError, match=r"java has no node 'while_statment'.*'while_statement'"):
        fit_region(Mask("syntax", element="while_statment", language="java"), JAVA)


def test_without_tree_sitter_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_java", None)
    with pytest.raises(ConfigError, match=r"pip install 'astraios-ray\[syntax\]'"):
        fit_region(Mask("syntax", element="while_statement", language="java"), JAVA)


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


class Loaded:
    """A fake model of sentence-transformers: a vector that says whether code reads a file."""

    def __init__(self, name: str) -> None:
        if name != "mine":
            raise OSError(f"{name} is not there")

    def encode(self, codes: list[str], *, normalize_embeddings: bool) -> list[list[float]]:
        assert normalize_embeddings
        return [[1.0, 0.0] if "open" in code else [0.0, 1.0] for code in codes]


def test_a_region_of_meaning_takes_any_model_of_sentence_transformers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = ModuleType("sentence_transformers")
    monkeypatch.setattr(package, "SentenceTransformer", Loaded, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", package)
    codes = ["open(a)", "print(a)", "print(b)"]
    region = fit_region(Mask("meaning", clusters=2, embedding="mine"), codes)
    assert region.holds([*codes, "open(zip)"]) == [False, True, True, False]
    assert region.boundaries["embedding"] == "mine"
    with pytest.raises(ConfigError, match="'other' cannot be loaded"):
        fit_region(Mask("meaning", clusters=2, embedding="other"), codes)


def test_without_sentence_transformers_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigError, match="pip install sentence-transformers"):
        fit_region(Mask("meaning", clusters=2, embedding="mine"), ["a", "b"])


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

"""Where completions end under OctoPack's rules."""

import gzip
import json
from pathlib import Path

import pytest

from astraios_ray.tasks.octopack_cut import (
    PYTHON_STOP,
    clean_description,
    cut_braces,
    cut_java,
    cut_python,
    without_empty_main,
)

DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("\n    return 1\n", "\n    return 1"),
        ("\n    return 1\n\ndef g():\n    pass", "\n    return 1\n"),
        ("\n    return 1\nprint(f())", "\n    return 1"),
        ("\n    return 1\nx = 2", "\n    return 1"),
        ("\n    return 1\n)\n", "\n    return 1"),
        ("\n\treturn 1\n# end", "\n\treturn 1"),
        ("\n    return 1<|endoftext|>x", "\n    return 1"),
        ("x = 1", ""),
    ],
)
def test_python_ends_at_a_stop_string_or_at_column_zero(text: str, result: str) -> None:
    assert cut_python(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("\n  return 1;\n }\n}\nmore", "\n  return 1;\n }\n}"),
        ("\n  if (a) { b(); }\n }\n}\n", "\n  if (a) { b(); }\n }\n}"),
        ("\n  return 1;\n }\n more", "\n  return 1;\n }"),
        ("\n  if (a) {\n  }\n  return 1;\n", "\n  if (a) {\n  }"),
        (
            "\n  return 1;\n }\n public static void main(String[] a) { if (x) {",
            "\n  return 1;\n }\n }",
        ),
        ("\n  if (a) {\n  return 1;\n", "\n  if (a) {\n  return 1;\n}"),
        ("\n  return 1;", "\n  return 1;"),
    ],
)
def test_java_ends_at_the_brace_that_closes_its_class(text: str, result: str) -> None:
    assert cut_java(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("\n  return 1;\n}\nint g() {}", "\n  return 1;\n}"),
        ("\n  if (a) { b(); }\n  return 1;\n}\n", "\n  if (a) { b(); }\n  return 1;\n}"),
        ("\n  if (a) { b(); }\n  return", "\n  if (a) { b(); }"),
        ("\n  return 1\n}<|endoftext|>}", "\n  return 1\n}"),
        ("\n  return 1\nfunc g() {}\n}", "\n  return 1"),
        ("\n  return", "\n  return"),
    ],
)
def test_other_languages_end_at_the_brace_that_closes_their_function(text: str, result: str) -> None:
    assert cut_braces(text, ["\nfunc"]) == result


def test_a_whole_java_program_loses_an_empty_main() -> None:
    assert without_empty_main("class Solution {}\npublic class Main {\n    }\n") == "class Solution {}"


def test_a_description_is_as_long_as_the_docstring_and_holds_no_line_of_the_code() -> None:
    solution = "    return sorted(set(numbers))[-2]\n    x = 1\n"
    text = "  Takes x = 1, then return sorted(set(numbers))[-2] is given back, all of it.  "
    assert clean_description(text, "d" * 60, solution, PYTHON_STOP) == "Takes x = 1, then  is given b"
    assert clean_description("One.\nclass A", "d" * 60, solution, PYTHON_STOP) == "One."


@pytest.mark.skipif(not DATA.exists(), reason=f"no real benchmark data at {DATA}")
@pytest.mark.parametrize("language", ["python", "java"])
def test_what_the_harness_has_cut_is_left_as_it_is(language: str) -> None:
    """A text of the official generations is its declaration and a completion that stays uncut here."""
    cut = {"python": cut_python, "java": cut_java}[language]
    with gzip.open(DATA / "humanevalpack" / f"{language}.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    ends = 0
    for path in sorted((DATA / "astraios_generations" / f"humanevalfixtests-{language}").iterdir()):
        with gzip.open(path, "rt") as file:
            generations = json.load(file)
        for row, samples in zip(rows, generations, strict=True):
            declaration = row["declaration"].rstrip()
            for text in samples:
                assert text.startswith(declaration)
                end = text.removeprefix(declaration).rstrip()
                assert cut(end).rstrip() == end
                ends += 1
    assert ends >= 2 * 3280

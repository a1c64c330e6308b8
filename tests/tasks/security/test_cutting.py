import pytest

from astraios_ray.tasks.security.cutting import CUTS


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("return 0;\n}\nint more;", "return 0;\n"),
        ("if (x) { y(); }\n}\n", "if (x) { y(); }\n"),
        ("puts(\"}\"); // }\n/* } */ char c = '}';\n} int z;", "puts(\"}\"); // }\n/* } */ char c = '}';\n"),
        ("return 0;", "return 0;"),
        ("} else { x(); }", ""),
    ],
)
def test_c_ends_in_front_of_the_brace_that_closes_the_function(text: str, result: str) -> None:
    assert CUTS["truncated"](text, "c") == result


def test_python_ends_in_front_of_the_next_statement_in_column_0() -> None:
    text = "def f():\n    return 1\n\nprint(f())\n"
    assert CUTS["truncated"](text, "python") == "def f():\n    return 1\n\n"


@pytest.mark.parametrize("language", ["c", "python"])
def test_as_saved_keeps_all(language: str) -> None:
    assert CUTS["as_saved"]("x\n}\ny", language) == "x\n}\ny"

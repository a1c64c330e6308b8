import pytest

from astraios_ray.evaluation.postprocess import PYTHON_STOP, cut_at_stop, cut_at_top_level

BODY = "    y = x + 1\n    return y\n"


@pytest.mark.parametrize(
    "code",
    ["def g():\n    pass\n", "print(f(1))\n", "x = 1\n", "# done\n", "```\n", "@cache\ndef g(): ...\n"],
)
def test_a_new_statement_in_column_0_ends_the_function(code: str) -> None:
    assert cut_at_top_level(BODY + "\n" + code) == BODY + "\n"


def test_the_first_line_stays_as_it_may_continue_the_prompts_last_line() -> None:
    assert cut_at_top_level("return x\nprint(1)\n") == "return x\n"
    assert cut_at_top_level("\n    return x\nprint(1)") == "\n    return x\n"


@pytest.mark.parametrize(
    "body",
    [
        "    return (\n1 + x\n)\n",
        '    text = """\nleft\n"""\n    return text\n',
        "    text = '''it's\nleft'''\n    return text\n",
        "    return '# (' + x  # ( open\n",
        '    return "\\"(" + x\n',
        "    return x\n\n\n",
    ],
)
def test_a_line_inside_brackets_or_quotes_is_no_new_statement(body: str) -> None:
    assert cut_at_top_level(body + "print(1)\n") == body


def test_nothing_is_cut_from_a_function_alone() -> None:
    assert cut_at_top_level(BODY) == BODY
    assert cut_at_top_level("") == ""


def test_a_text_ends_before_the_stop_string_that_comes_first() -> None:
    assert cut_at_stop(BODY + "\n# more\ndef g(): ...", PYTHON_STOP) == BODY
    assert cut_at_stop(BODY, PYTHON_STOP) == BODY


@pytest.mark.parametrize("letter", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"], ids=ascii)
def test_a_letter_that_ends_no_line_of_python_ends_no_function(letter: str) -> None:
    body = f"\n    # a{letter}b\n    return x\n"
    assert cut_at_top_level(body + "print(1)\n") == body

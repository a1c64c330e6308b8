import pytest

from astraios_ray.tasks.security.c.c_reading import finding_at, walk
from astraios_ray.tasks.security.c_unit import parse_c


def lines_of(source: str, kind: str) -> list[int]:
    return [finding_at(part, "").line for part in walk(parse_c(source).tree) if type(part).__name__ == kind]


def test_comments_directives_and_continued_lines_leave_lines_where_they_are() -> None:
    source = '#include <stdio.h>\n/* two\nlines */ // and one\nint main(void) {\n    puts("// text");\n}\n'
    assert lines_of(source, "FuncCall") == [5]


def test_macros_without_arguments_are_put_in_also_within_others() -> None:
    unit = parse_c("#define TWO 2 // small\n#define FOUR (TWO * TWO)\nint a[FOUR];\n")
    constants = [part.value for part in walk(unit.tree) if type(part).__name__ == "Constant"]
    assert constants == ["2", "2"]


def test_types_of_headers_are_known() -> None:
    assert parse_c("size_t f(FILE *file, uint8_t byte) { return byte; }").functions()


@pytest.mark.parametrize(
    "source", ["def f(): pass", "#define SQUARE(x) x x\nint a = SQUARE(1) int;", "int f( {", "@"]
)
def test_what_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="pycparser cannot read it"):
        parse_c(source)


def test_macros_that_grow_without_end_are_refused() -> None:
    doubling = "".join(
        f"#define a{n} a{n + 1} a{n + 1} a{n + 1} a{n + 1} a{n + 1} a{n + 1}\n" for n in range(9)
    )
    with pytest.raises(ValueError, match="more than 200000 letters"):
        parse_c(f"{doubling}int x = a0;")


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    with pytest.raises(ValueError, match="pycparser cannot read it"):
        parse_c(f"int x = {'(' * 5000}1{')' * 5000};")

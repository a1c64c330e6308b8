import pytest

from tests.tasks.security.reading import in_c

QUERIES = ("cwe_125_mitre-eg-1", "cwe_125_my-1", "cwe_125_my-2", "cwe-119_mitre-eg-3")
START = 'int main(int argc, char *argv[]) {\n    int seats[4] = {1, 2, 3, 4}; int i; scanf("%d", &i);\n'
WEAK = [
    "return seats[i];",
    "if (i < 4) return seats[i];",
    "if (i >= 0 && i <= 4) return seats[i];",
    "if (i >= 0 || i < 4) return seats[i];",
    "if (i < 0) { return 1; } return seats[i];",
    "if (i >= 0 && i < 4) { i++; return seats[i]; }",
    'if (i >= 0 && i < 4) { scanf("%d", &i); return seats[i]; }',
    'for (i = 0; i <= 4; i++) { printf("%d", seats[i]); }',
    "for (i = 0; i < 4; i++) { seats[i + 1] = seats[i]; }",
    "return *(seats + i);",
    "return seats[i % 4];",
    "return seats[4];",
    'int k = atoi(argv[1]); if (k > 0) { printf("%s", argv[k]); }',
    "if (i >= 0 && i <= argc) { puts(argv[i]); }",
]
SAFE = [
    "if (i >= 0 && i < 4) return seats[i];",
    "if (i >= 0 && i <= 3) return seats[i];",
    "if (i < 0 || i > 3) { return 1; } return seats[i];",
    "if (i < 0 || i >= sizeof(seats) / sizeof(seats[0])) { exit(1); } return seats[i];",
    "if (!(i >= 0 && i < 4)) { return 1; } return seats[i];",
    'while (i < 0 || i > 3) { scanf("%d", &i); } return seats[i];',
    'do { scanf("%d", &i); } while (i < 0 || i > 3); return seats[i];',
    'while (1) { scanf("%d", &i); if (i >= 0 && i < 4) { break; } } return seats[i];',
    'for (i = 0; i < 4; i++) { printf("%d", seats[i]); }',
    'for (i = 3; i >= 0; i--) { printf("%d", seats[i]); }',
    "i--; if (i < 0 || i >= 4) { return 1; } return seats[i];",
    "if (i >= 1 && i <= 4) return seats[i - 1];",
    "return i >= 0 && i < 4 ? seats[i] : -1;",
    "unsigned int k = i; if (k < 4) return seats[k];",
    "unsigned int k = i; return seats[k % 4];",
    'int k = atoi(argv[1]); if (k > 0 && k < argc) { printf("%s", argv[k]); }',
    "return seats[2];",
    "return 0;",
]


@pytest.mark.parametrize("body", WEAK)
@pytest.mark.parametrize("query", QUERIES)
def test_an_index_that_may_be_outside_is_found(query: str, body: str) -> None:
    assert in_c(query, f"{START}{body}\nreturn 0; }}")


@pytest.mark.parametrize("body", SAFE)
def test_an_index_that_is_kept_inside_is_not(body: str) -> None:
    assert not in_c(QUERIES[0], f"{START}{body}\nreturn 0; }}")


def test_the_length_may_be_a_parameter_or_a_macro() -> None:
    function = "int at(int *list, int size, int i) {{ if (i < 0 || i {} size) return -1; return list[i]; }}"
    assert in_c(QUERIES[0], function.format(">"))
    assert not in_c(QUERIES[0], function.format(">="))
    macro = "#define N 10 // of them\nint ids[N];\nint at(int i) {{ return i >= 0 && i {} N ? ids[i] : -1; }}"
    assert in_c(QUERIES[2], macro.format("<="))
    assert not in_c(QUERIES[2], macro.format("<"))


def test_the_line_is_told() -> None:
    (finding,) = in_c(QUERIES[0], "int a[2];\n/* two\nlines */\nint at(int i) {\n    return a[i];\n}")
    assert str(finding) == "line 5: a[i] is not kept in bounds"

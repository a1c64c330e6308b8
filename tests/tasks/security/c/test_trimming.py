import pytest

from tests.tasks.security.reading import in_c

START = "int main(int argc, char *argv[]) { char *s = argv[1]; int n = strlen(s); char *end = s + n - 1;\n"
WEAK = [
    "while (isspace(s[n - 1])) { n--; } s[n] = 0;",
    "while (isspace(*end)) { *end = 0; end--; }",
    "for (; s[n - 1] == ' '; n -= 1) { s[n - 1] = 0; }",
    "do { n--; } while (s[n] == ' ');",
    "while (*(s + n - 1) == ' ') { n = n - 1; }",
]
SAFE = [
    "while (n > 0 && isspace(s[n - 1])) { n--; } s[n] = 0;",
    "while (end >= s && isspace(*end)) { *end = 0; end--; }",
    "for (; n && s[n - 1] == ' '; n--) { s[n - 1] = 0; }",
    "while (s[n - 1] == ' ') { n--; if (n == 0) { break; } }",
    "for (n = n - 1; n >= 0; n--) { if (!isspace(s[n])) { break; } }",
    "while (*s) { s++; }",
]


@pytest.mark.parametrize("body", WEAK)
def test_a_loop_that_may_leave_the_text_is_found(body: str) -> None:
    assert in_c("cwe_787_mitre-eg-5", f"{START}{body} }}")


@pytest.mark.parametrize("body", SAFE)
def test_a_loop_that_stops_where_the_text_begins_is_not(body: str) -> None:
    assert not in_c("cwe_787_mitre-eg-5", f"{START}{body} }}")

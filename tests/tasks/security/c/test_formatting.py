import pytest

from tests.tasks.security.reading import in_c

START = "int main(void) { float f = 1.5; double d = 1.5; int n = 3;\n"
WEAK = [
    'char out[32]; sprintf(out, "%f", f);',
    'char out[47]; sprintf(out, "%f", f);',  # sign, 39 digits, point, 6 digits, and the zero: 48
    'char out[100]; sprintf(out, "%f", d);',
    'char out[10]; sprintf(out, "%d", n);',
    'char *out = malloc(20); sprintf(out, "%.2f,%.2f", f, f);',
    'char out[8]; snprintf(out, 16, "%f", f);',
    'char out[4]; sprintf(out, "%s", "Hello");',
]
SAFE = [
    'char out[48]; sprintf(out, "%f", f);',
    'char out[400]; sprintf(out, "%f", d);',
    'char out[12]; sprintf(out, "%d", n);',
    'char out[8]; snprintf(out, sizeof(out), "%f", f);',
    'char out[8]; snprintf(out, 8, "%f", f);',
    'char *out = malloc(100); sprintf(out, "%.2f,%.2f", f, f);',
    'char out[6]; sprintf(out, "%s", "Hello");',
    'char out[8]; sprintf(out, "100%%");',
]


@pytest.mark.parametrize("body", WEAK)
def test_a_buffer_that_is_too_short_for_the_longest_number_is_found(body: str) -> None:
    assert in_c("PotentialBufferOverflow", f"{START}{body} }}")


@pytest.mark.parametrize("body", SAFE)
def test_one_that_is_long_enough_is_not(body: str) -> None:
    assert not in_c("PotentialBufferOverflow", f"{START}{body} }}")

import pytest

from tests.tasks.security.reading import in_c

START = """
int size_of(int *chunk) { if (chunk == NULL) return -1; return chunk[0]; }
int main(void) { int *one = malloc(sizeof(int) * 8); int *two = malloc(8 * sizeof(int)); int size, i;
"""
WEAK = [
    "memcpy(two, one, size_of(one));",
    "size = size_of(one); memcpy(two, one, (size - 1) * sizeof(int));",
    "size = size_of(one); if (size < 8) { memcpy(two, one, size); }",
    "memcpy(two, one, 9 * sizeof(int));",
    "for (i = 0; i < 8; i++) two[i + 1] = one[i];",
    "for (i = 0; i <= 8; i++) two[i] = one[i];",
]
SAFE = [
    "memcpy(two, one, 8 * sizeof(int));",
    "size = size_of(one); if (size > 0 && size <= 8) { memcpy(two, one, size * sizeof(int)); }",
    "size = size_of(one); if (size < 0) { return 1; } memcpy(two, one, size);",
    "for (i = 0; i < 8; i++) two[i] = one[i];",
    "size = size_of(one); for (i = 0; i < size; i++) two[i] = one[i];",
]


@pytest.mark.parametrize("body", WEAK)
def test_a_size_that_may_be_negative_or_too_large_is_found(body: str) -> None:
    assert in_c("cwe_787_mitre-eg-2", f"{START}{body} return 0; }}")


@pytest.mark.parametrize("body", SAFE)
def test_a_size_that_was_looked_at_is_not(body: str) -> None:
    assert not in_c("cwe_787_mitre-eg-2", f"{START}{body} return 0; }}")

import pytest

from tests.tasks.security.reading import in_c

START = 'int main(void) { const char *word = "Hello"; char small[4]; char large[64];\n'
WEAK = [
    "memcpy(small, word, strlen(word));",
    "memcpy(large, word, 64);",
    "memcpy(large, word, sizeof(large));",
    "memcpy(&large[0], word, sizeof(word));",
    "memset(small, 0, sizeof(large));",
    "strncpy(small, word, 2 * sizeof(small));",
    'strcpy(small, "Hello");',
    "char *made = malloc(3); memcpy(made, word, 5);",
]
SAFE = [
    "memcpy(large, word, strlen(word));",
    "memcpy(large, word, strlen(word) + 1);",
    "memcpy(small, word, sizeof(small));",
    "memset(large, 0, sizeof(large));",
    "strncpy(large, word, sizeof(large) - 1);",
    'strcpy(small, "Hi!");',
    "char *made = malloc(6); memcpy(made, word, 6);",
    "memcpy(large, word, count);",
]


@pytest.mark.parametrize("body", WEAK)
def test_more_bytes_than_there_is_room_for_are_found(body: str) -> None:
    assert in_c("OverflowBuffer", f"{START}{body} }}")


@pytest.mark.parametrize("body", SAFE)
def test_bytes_that_fit_are_not(body: str) -> None:
    assert not in_c("OverflowBuffer", f"{START}{body} }}")

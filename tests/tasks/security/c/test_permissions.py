import pytest

from tests.tasks.security.reading import in_c

WEAK = [
    'open("list", O_CREAT | O_WRONLY, 0666);',
    'open("list", O_CREAT | O_WRONLY, S_IRUSR | S_IWUSR | S_IWOTH);',
    'creat("list", 0777);',
    'fopen("list", "w");',
    'umask(0); open("list", O_CREAT, 0666);',
    'umask(022); chmod("list", 0666);',
    'fopen("list", "a+"); umask(022);',
]
SAFE = [
    'open("list", O_CREAT | O_WRONLY, 0644);',
    'open("list", O_CREAT | O_WRONLY, S_IRUSR | S_IWUSR);',
    'umask(022); open("list", O_CREAT, 0666);',
    'umask(077); fopen("list", "w");',
    'fopen("list", "r");',
    'open("list", O_RDONLY);',
    'chmod("list", 0600);',
]


@pytest.mark.parametrize("body", WEAK)
def test_a_file_that_everyone_may_write_to_is_found(body: str) -> None:
    assert in_c("DoNotCreateWorldWritable", f"int main(void) {{ {body} }}")


@pytest.mark.parametrize("body", SAFE)
def test_a_file_for_its_owner_is_not(body: str) -> None:
    assert not in_c("DoNotCreateWorldWritable", f"int main(void) {{ {body} }}")

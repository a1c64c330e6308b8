import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    'import re\nre.compile(r"^https://shop.example.com/")',
    'import re\nre.match("http://example.org", url)',
    'from re import fullmatch\nfullmatch(r"(www\\.)?example.com", host)',
    'import re\nre.search(pattern=r"^https?://([a-z]+).example.net/.*", string=url)',
]
SAFE = [
    r"import re" + "\n" + r're.compile(r"^https://shop\.example\.com/")',
    r"import re" + "\n" + r're.compile("^https://example\\.com/")',
    r"import re" + "\n" + r're.match(r"^https://example[.]com/", url)',
    'import re\nre.compile(r"^[a-z]+.*$")',
    'prefix = "https://shop.example.com/"',
]


@pytest.mark.parametrize("source", WEAK)
def test_a_bare_dot_in_a_host_name_is_found(source: str) -> None:
    assert in_python("IncompleteHostnameRegExp", source)


@pytest.mark.parametrize("source", SAFE)
def test_an_escaped_one_is_not(source: str) -> None:
    assert not in_python("IncompleteHostnameRegExp", source)

import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    'ok = "example.com" in url',
    'ok = "example.com" in urlparse(url).netloc',
    'ok = url.startswith("https://example.com")',
    'ok = urlparse(url).netloc.endswith("example.com")',
    'ok = url.find("www.example.com") >= 0',
    'ok = url.startswith(("http://example.com", "https://example.com"))',
]
SAFE = [
    'ok = urlparse(url).netloc == "example.com"',
    'ok = urlparse(url).hostname in ("example.com", "www.example.com")',
    'ok = url.startswith("https://example.com/")',
    'ok = urlparse(url).hostname.endswith(".example.com")',
    'ok = "q" in request.args',
]


@pytest.mark.parametrize("source", WEAK)
def test_a_host_name_somewhere_in_an_address_is_found(source: str) -> None:
    assert in_python("IncompleteUrlSubstringSanitization", source)


@pytest.mark.parametrize("source", SAFE)
def test_a_whole_host_name_is_not(source: str) -> None:
    assert not in_python("IncompleteUrlSubstringSanitization", source)

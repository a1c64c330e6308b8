import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    "import os\nos.chmod('key', 0o777)",
    "import os\nos.chmod('key', 0o644)",
    "import os, stat\nos.chmod('key', stat.S_IRUSR | stat.S_IROTH)",
    "from os import chmod\nchmod('key', mode=0o660)",
    "import os\nos.open('key', os.O_CREAT, 0o666)",
]
SAFE = [
    "import os\nos.chmod('key', 0o600)",
    "import os, stat\nos.chmod('key', stat.S_IRUSR | stat.S_IWUSR)",
    "import os\nos.chmod('key', 0o640)",
    "import os\nos.chmod('key', mode)",
    "import os\nos.open('key', os.O_CREAT, 0o600)",
]


@pytest.mark.parametrize("source", WEAK)
def test_a_mode_that_is_open_to_others_is_found(source: str) -> None:
    assert in_python("WeakFilePermissions", source)


@pytest.mark.parametrize("source", SAFE)
def test_a_mode_for_the_owner_is_not(source: str) -> None:
    assert not in_python("WeakFilePermissions", source)

import pytest

from tests.tasks.security.reading import in_python

OPEN = "import os\nimport tarfile\nwith tarfile.open('a.tar') as tar:\n"
WEAK = [
    "    tar.extractall('/tmp/out')",
    "    for member in tar:\n        tar.extract(member, '/tmp/out')",
    "    tar.extractall('/tmp/out', filter='fully_trusted')",
    "    tar.extractall('/tmp/out', members=tar.getmembers())",
]
SAFE = [
    "    tar.extractall('/tmp/out', filter='data')",
    "    tar.extractall('/tmp/out', filter=tarfile.tar_filter)",
    "    for member in tar:\n        if not os.path.isabs(member.name):\n            tar.extract(member)",
    "    for member in tar:\n        if '..' not in member.name:\n            tar.extract(member)",
    "    print(tar.getnames())",
]


@pytest.mark.parametrize("body", WEAK)
def test_unpacking_anything_anywhere_is_found(body: str) -> None:
    assert in_python("cwe-22_TarSlip", OPEN + body)


@pytest.mark.parametrize("body", SAFE)
def test_members_that_are_looked_at_are_not(body: str) -> None:
    assert not in_python("cwe-22_TarSlip", OPEN + body)

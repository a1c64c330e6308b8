import pytest

from tests.tasks.security.reading import in_python

WEAK = [
    "import yaml\nyaml.load(text)",
    "import yaml\nyaml.load(text, Loader=yaml.Loader)",
    "import yaml\nyaml.load(text, yaml.FullLoader)",
    "from yaml import load as read\nread(text)",
    "import yaml\nyaml.unsafe_load(text)",
    "import pickle\npickle.loads(text)",
    "value = eval(text)",
]
SAFE = [
    "import yaml\nyaml.safe_load(text)",
    "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
    "from yaml import CSafeLoader, load\nload(text, CSafeLoader)",
    "import json\njson.loads(text)",
    "import ast\nast.literal_eval(text)",
]


@pytest.mark.parametrize("source", WEAK)
def test_what_makes_any_object_is_found(source: str) -> None:
    assert in_python("UnsafeDeserialization", source)


@pytest.mark.parametrize("source", SAFE)
def test_what_makes_plain_values_is_not(source: str) -> None:
    assert not in_python("UnsafeDeserialization", source)


def test_the_line_is_told() -> None:
    (finding,) = in_python("UnsafeDeserialization", "import pickle\n\npickle.load(file)")
    assert str(finding) == "line 3: pickle.load makes any object"

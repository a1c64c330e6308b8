"""Study files that are nearly right: those that this project shows, with a change in each."""

import random
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
VALUES: tuple[Any, ...] = (
    *(
        "x",
        "",
        None,
        True,
        False,
        -1,
        0,
        1,
        1e308,
        -1e308,
        10**30,
        10**39,
        2**63,
        1e-320,
        0.5,
        -0.5,
        9,
        10**7,
    ),
    *([], {}, [1], ["a"], {"a": 1}, [[[[1]]]], [None], [{"method": "lora"}], {"values": []}, {"min": 1}),
    *({"min": 1, "max": 0}, {"min": 0, "max": 1, "log": True}, {"min": 1, "max": 10**30, "log": True}),
    *("nan", ".nan", ".inf", "1e-4", "2020-01-01", "é‮", "-1", "\n", "{}", "auto", "null", "~", "lora"),
    *(
        "../../etc/passwd",
        "/dev/zero",
        "/dev/full",
        "/proc/self/mem",
        "/dev/stdin",
        "a" * 5000,
        "/" + "a/" * 2500,
    ),
    *(
        "builtin:",
        "builtin:nope",
        "builtin:nano-s",
        "peft:",
        "peft:LORA",
        "hf:a/b",
        "s3://a/b",
        "http://[",
        "*" * 50,
    ),
    *(
        "primer",
        "primer:limit=x",
        "primer:a=b=c",
        "cruxeval:predict=",
        "{{ prompt",
        "{% for x in y %}",
        "{{ 9**9**9 }}",
    ),
)
KEYS = ("", "x", "min", "values", "method", "learning_rate", "__class__", "é", "a.b", "a" * 5000, "-", "seed")
BYTES = b"{}[]:,-#&*!|>'\"%@`?\t\n 0aZ\xff\xfe\x00\x85\xe2"
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)
)


def shown_studies() -> Iterator[bytes]:
    """The built-in studies, and those on the pages of the documentation."""
    for path in sorted((ROOT / "search_spaces" / "studies").glob("*.yaml")):
        yield path.read_bytes()
    for page in sorted((ROOT / "docs").glob("*.md")):
        blocks = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        yield from (block.encode() for block in blocks if block.startswith("version: 1"))


def mutated_studies(seed: int) -> list[tuple[str, bytes]]:
    """Names and contents of study files, the same for each ``seed``."""
    draws = random.Random(seed)
    texts = [*shown_studies(), (Path(__file__).with_name("small_study.yaml")).read_bytes()]
    cases = [(f"{n}: {name}", content) for n, text in enumerate(texts) for name, content in _by_hand(text)]
    values = [yaml.safe_load(text) for text in texts]
    cases += [_with_values(draws.choice(values), draws, number) for number in range(600)]
    return cases + [(f"bytes {n}", with_other_bytes(draws.choice(texts), draws)) for n in range(200)]


def _with_values(study: Any, draws: random.Random, number: int) -> tuple[str, bytes]:
    changed = deepcopy(study)
    changes = []
    for _ in range(draws.choice((1, 1, 1, 2))):
        *above, key = draws.choice([path for path in _paths(changed) if path])
        inside = changed
        for part in above:
            inside = inside[part]
        changes.append(".".join(map(str, (*above, key))))
        match draws.randrange(6):
            case 0 if isinstance(inside, dict):
                del inside[key]
            case 1 if isinstance(inside, dict):
                inside[draws.choice(KEYS)] = draws.choice(VALUES)
            case _:
                inside[key] = draws.choice(VALUES)
    return f"values {number}: {', '.join(changes)}", yaml.safe_dump(changed, allow_unicode=True).encode()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from _paths(part, (*path, key))


def with_other_bytes(content: bytes, draws: random.Random) -> bytes:
    """``content`` with a few bytes changed, lost, added or repeated."""
    changed = bytearray(content)
    for _ in range(draws.randint(1, 6)):
        at = draws.randrange(len(changed) + 1)
        match draws.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([draws.randrange(256)])
            case 1:
                del changed[at : at + draws.randint(1, 30)]
            case 2:
                changed[at:at] = bytes(draws.choice(BYTES) for _ in range(draws.randint(1, 4)))
            case _:
                start = draws.randrange(len(changed) + 1)
                changed[at:at] = changed[start : start + 30]
    return bytes(changed)


def _by_hand(text: bytes) -> Sequence[tuple[str, bytes]]:
    """Mistakes that no draw makes."""
    return [
        ("NULs", bytes(50)),
        ("a bomb of aliases", BOMB),
        ("an alias of itself", b"a: &a [*a]\n"),
        ("deep lists", b"[" * 5000),
        ("deep mappings", b"{a: " * 3000),
        ("keys of no name", b"? " * 3000),
        ("a list", b"- a\n- b\n"),
        ("two documents", text + b"---\n" + text),
        ("a key twice", text + b"\nname: u\n"),
        ("a Python object", b"name: !!python/object/apply:os.system ['true']\n"),
        ("a merge key", text + b"\nx: &x {a: 1}\ny: {<<: *x}\n"),
        ("keys of other kinds", text + b"\n1: 1\n~: 1\n? [a]\n: 1\n"),
        ("a set", text + b"\nenqueue: !!set {a, b}\n"),
        ("UTF-16", text.decode().encode("utf-16")),
        ("UTF-32", text.decode().encode("utf-32")),
        ("Latin-1", text + "\n# é".encode("latin1")),
        ("a byte order mark", b"\xef\xbb\xbf" + text),
        ("carriage returns", text.replace(b"\n", b"\r")),
        ("tabs", text.replace(b"  ", b"\t")),
        ("many keys", b"".join(b"k%d: 1\n" % number for number in range(15000))),
        ("a long text", b"a: " + b"x" * 5_000_000),
        ("a long number", b"trials: " + b"9" * 5000),
        ("a long name", _named("n" * 5000, text)),
        ("a name of dots", _named("..", text)),
        ("a name with a slash", _named("a/b", text)),
        ("a name with a NUL", _named('"a\\0b"', text)),
        ("half a surrogate", _named('"\\ud800"', text)),
        ("control characters", text + b"\x07\x1b[31m"),
        ("half", text[: len(text) // 2]),
    ]


def _named(name: str, text: bytes) -> bytes:
    return re.sub(rb"(?m)^name:.*$", lambda _: f"name: {name}".encode(), text)

"""Files of rows that are nearly right, in every format that is read."""

import gzip
import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow
import pyarrow.parquet

from tests.faults.study_mutations import with_other_bytes

ROWS = [{"prompt": f"add {n}", "completion": f"def f(x):\n    return x + {n}\n"} for n in range(20)]
VALUES: Sequence[object] = (
    None,
    True,
    1,
    1.5,
    "",
    [],
    {},
    ["a"],
    {"a": 1},
    "\0",
    "\ud800",
    " ",
    "‮",
    "\n",
    10**400,
    float("nan"),
)
LINES = [json.dumps(row).encode() for row in ROWS]
TEXT = b"\n".join(LINES) + b"\n"


def zstandard(content: bytes) -> bytes:
    """``content``, compressed."""
    packed = pyarrow.compress(content, codec="zstd", asbytes=True)
    assert isinstance(packed, bytes)
    return packed


def good_files() -> Mapping[str, bytes]:
    """A whole file of each format, by the end of its name."""
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), sink)
    cells = [f'"{row["prompt"]}","{row["completion"]}"\n' for row in ROWS]
    plain = {
        ".jsonl": TEXT,
        ".json": json.dumps(ROWS).encode(),
        ".csv": ("prompt,completion\n" + "".join(cells)).encode(),
    }
    packed = {
        end + name: pack(content)
        for end, content in plain.items()
        for name, pack in ((".gz", lambda text: gzip.compress(text, mtime=0)), (".zst", zstandard))
    }
    return {**plain, **packed, ".parquet": sink.getvalue().to_pybytes()}


def mutated_files(seed: int) -> list[tuple[str, str, bytes]]:
    """Names of cases, ends of file names, and contents; the same for each ``seed``."""
    draws = random.Random(seed)
    cases = []
    for end, content in good_files().items():
        cases += [(f"{end} {name}", end, changed) for name, changed in _damaged(content, draws)]
    for number in range(80):
        rows = [dict[str, object](row) for row in ROWS]
        rows[draws.randrange(20)][draws.choice(["prompt", "completion", "messages", "text", "x"])] = (
            draws.choice(VALUES)
        )
        end = draws.choice([".jsonl", ".json"])
        text = json.dumps(rows) if end == ".json" else "\n".join(map(json.dumps, rows))
        cases.append((f"value {number}", end, text.encode()))
    return [*cases, *_by_hand()]


def _damaged(content: bytes, draws: random.Random) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    for size in (1, 5, 11, len(content) // 2, len(content) - 9, len(content) - 1):
        yield f"cut at {size}", content[:size]
    for number in range(12):
        flipped = bytearray(content)
        flipped[draws.randrange(len(content))] ^= 1 << draws.randrange(8)
        yield f"flipped {number}", bytes(flipped)
    for number in range(8):
        yield f"bytes {number}", with_other_bytes(content, draws)
    yield "garbage appended", content + b"\x00\xff garbage"
    yield "twice", content + content
    yield "UTF-16", content.decode("latin1").encode("utf-16")
    yield "NULs", bytes(5000)


def _by_hand() -> list[tuple[str, str, bytes]]:
    """Mistakes that no draw makes."""
    many = b"9" * 10_000
    return [
        ("blank lines", ".jsonl", b"\n\n"),
        ("a byte order mark", ".jsonl", b"\xef\xbb\xbf" + TEXT),
        ("an array as lines", ".jsonl", json.dumps(ROWS).encode()),
        ("lines as an array", ".json", TEXT),
        ("deep lists", ".jsonl", b"[" * 200_000),
        ("deep objects", ".jsonl", b'{"a":' * 200_000),
        ("deep array", ".json", b"[" * 200_000),
        ("deep and closed", ".json", b"[" * 900 + b"]" * 900),
        ("a long number", ".jsonl", b'{"prompt":' + many + b',"completion":"x"}'),
        ("a long number in an array", ".json", b'[{"prompt":' + many + b',"completion":"x"}]'),
        ("a key twice", ".jsonl", b'{"prompt":"a","prompt":"b","completion":"c"}\n' * 3),
        ("carriage returns", ".jsonl", b"\r".join(LINES)),
        ("line separators", ".jsonl", "\u2028".join(line.decode() for line in LINES).encode()),
        ("no number", ".jsonl", b"NaN\n"),
        ("an endless line", ".jsonl", b'{"prompt":"' + b"x" * 70_000_000),
        ("an endless line of an array", ".json", b'[{"prompt":"' + b"x" * 70_000_000),
        ("an endless cell", ".csv", b'prompt,completion\n"' + b"x" * 70_000_000),
        ("an open quote", ".csv", b'prompt,completion\n"a,b\n' * 9),
        ("no columns", ".csv", b"\n\n\n"),
        ("a column twice", ".csv", b"prompt,prompt,completion\na,b,c\n"),
        ("many columns", ".csv", b"a," * 100_000 + b"\n"),
        *(
            (f"a bomb of {end}", end, gzip.compress(bytes(300_000_000), 1))
            for end in (".jsonl.gz", ".json.gz", ".csv.gz")
        ),
        ("a bomb of .jsonl.zst", ".jsonl.zst", zstandard(bytes(300_000_000))),
        ("packed twice", ".jsonl.gz", gzip.compress(gzip.compress(TEXT))),
        ("plain, called .gz", ".jsonl.gz", TEXT),
        ("plain, called .zst", ".jsonl.zst", TEXT),
        ("text, called .parquet", ".parquet", TEXT),
        ("packed, called .jsonl", ".jsonl", gzip.compress(TEXT)),
    ]


def odd_paths(folder: Path) -> Sequence[Path]:
    """Paths that are no ordinary files, made in ``folder`` where they must be."""
    os.mkfifo(folder / "pipe.jsonl")
    (folder / "dangling-link.jsonl").symlink_to("nowhere")
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    (folder / "zeros.jsonl").symlink_to("/dev/zero")
    (folder / "full-device.jsonl").symlink_to("/dev/full")
    (folder / "folder.jsonl").mkdir()
    elsewhere = (Path("/dev/zero"), Path("/proc/self/mem"), folder / ("a" * 5000 + ".jsonl"))
    return [*folder.iterdir(), *elsewhere]

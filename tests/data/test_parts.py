"""Training and validation rows of one source and of several."""

import json
from collections import Counter
from pathlib import Path

from astraios_ray.data.parts import read_parts
from astraios_ray.records import DataRef, SourceRef


def write(path: Path, prompts: list[str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps({"prompt": p, "completion": "c", "id": 1}) + "\n" for p in prompts))
    return path


def test_validation_can_be_a_split_of_the_same_source(tmp_path: Path) -> None:
    write(tmp_path / "rows" / "train.jsonl", ["a", "b"])
    write(tmp_path / "rows" / "test.jsonl", ["c"])
    train = (SourceRef(str(tmp_path / "rows"), split="train"),)
    parts = read_parts(DataRef(train, SourceRef("", split="test")))
    assert [row.prompt for row in parts.training] == ["a", "b"]
    assert [row.prompt for row in parts.validation] == ["c"]


def test_two_weighted_sources_have_their_shares_on_both_sides_and_no_text_on_both(tmp_path: Path) -> None:
    sources = tuple(
        SourceRef(str(write(tmp_path / f"{name}.jsonl", [f"{name}{n}" for n in range(size)])), weight=1.0)
        for name, size in (("a", 80), ("b", 20))
    )
    parts = read_parts(DataRef(sources, validation_fraction=0.2))
    for side in (parts.training, parts.validation):
        shares = Counter(row.prompt[0] for row in side)
        assert abs(shares["a"] - shares["b"]) <= 1
    assert not {row.prompt for row in parts.training} & {row.prompt for row in parts.validation}
    assert parts.about == {"unused_columns": "id"}
    assert parts == read_parts(DataRef(sources, validation_fraction=0.2))

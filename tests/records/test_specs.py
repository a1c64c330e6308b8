"""Data references: their sources, and that they are read back as they were written."""

import json

from astraios_ray.records import DataRef, SourceRef, decode, encode


def test_sources_of_any_form_are_read_back() -> None:
    sources = (SourceRef("a.jsonl", 3.0), SourceRef("some/rows", 1.0, "0" * 40, "python", "train"))
    for ref in (
        DataRef("a.jsonl", "b.jsonl", template="chat", system="Be brief."),
        DataRef(sources, SourceRef("", split="test")),
    ):
        assert decode(DataRef, json.loads(json.dumps(encode(ref)))) == ref
        assert hash(decode(DataRef, encode(ref))) == hash(ref)


def test_a_split_of_the_same_source_keeps_what_the_source_says() -> None:
    ref = DataRef((SourceRef("some/rows", config="python", split="train"),), SourceRef("", split="test"), "c")
    assert ref.sources == (SourceRef("some/rows", None, "c", "python", "train"),)
    assert ref.validation_sources == (SourceRef("some/rows", None, "c", "python", "test"),)
    assert DataRef("a.jsonl").validation_sources == ()
    assert DataRef("a.jsonl", "b.jsonl").validation_sources == (SourceRef("b.jsonl"),)

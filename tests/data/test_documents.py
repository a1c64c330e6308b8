"""Documents of blocks become rows of their own, and blocks say where documents begin."""

import pytest
import torch

from astraios_ray.data.documents import of_similar_length, separated
from astraios_ray.data.packing import Sample, pack_blocks, pack_whole
from astraios_ray.data.tokenise import Rows, pad, tokenise
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef
from tests.data.test_packing import samples


def documents_of(rows: Rows) -> list[tuple[list[int], list[int]]]:
    """Tokens and labels of each row, without padding."""
    return [
        (ids[mask > 0].tolist(), labels[mask > 0].tolist())
        for ids, labels, mask in zip(rows.input_ids, rows.labels, rows.attention_mask, strict=True)
    ]


def test_blocks_say_where_their_documents_begin() -> None:
    split = pack_blocks(samples(3, 4, 4, 2), 5, drop_tail=False, seed=0).rows
    assert {tuple(row.ids): row.starts for row in split} == {
        (0, 1, 2, 3, 4): (0, 3), (5, 6, 7, 8, 9): (0, 2), (10, 11, 12): (0, 1),
    }  # fmt: skip
    assert [row.starts for row in pack_whole(samples(2, 2, 2, 9, 1), 5).rows] == [(0, 2), (0,), (0,), (0,)]


def test_the_documents_of_padded_blocks_are_the_samples_without_their_first_labels() -> None:
    packed = pack_whole(samples(4, 3, 5, 2, 6), 9).rows
    documents = documents_of(separated(pad(packed, 9, 0)))
    expected = samples(4, 3, 5, 2, 6)
    assert documents == [(sample.ids, [-100, *sample.labels[1:]]) for sample in expected]


def test_a_document_without_a_token_to_predict_is_left_out() -> None:
    first, second = Sample([1, 2, 3], [-100] * 3, 0), Sample([4, 5], [-100, 5], 0)
    assert documents_of(separated(pad(pack_whole([first, second], 8).rows, 8, 0))) == [([4, 5], [-100, 5])]


def test_parts_of_similar_length_hold_every_document_within_their_tokens() -> None:
    lengths = (4, 9, 3, 8, 2, 2, 5)
    rows = separated(pad(pack_whole(samples(*lengths), 40).rows, 40, 0))
    parts = list(of_similar_length(rows, 16))
    assert [tuple(part.input_ids.shape) for part in parts] == [(1, 9), (2, 8), (4, 4)]
    ids = sorted(ids for part in parts for ids, _ in documents_of(part))
    assert ids == sorted(sample.ids for sample in samples(*lengths))


@pytest.mark.parametrize("split", [True, False])
def test_isolated_blocks_have_the_tokens_of_joined_ones_and_the_labels_of_separate_rows(split: bool) -> None:
    tokenizer = nano_tokenizer()
    options = {"limit": 200, "sequence_length": 240, "split_samples": split}
    joined, isolated = (
        tokenise(DataRef("builtin:primer", isolate_documents=isolate, **options), tokenizer, 0).train  # type: ignore[arg-type]  # options are mixed
        for isolate in (False, True)
    )
    assert torch.equal(joined.input_ids, isolated.input_ids)
    assert joined.documents == len(joined) < isolated.documents
    assert torch.equal(joined.attention_mask > 0, isolated.attention_mask > 0)
    differing = joined.labels != isolated.labels
    assert (isolated.labels[differing] == -100).all()
    assert int(differing.sum()) == isolated.documents - len(isolated)


def test_without_a_cut_the_documents_of_blocks_are_the_rows_of_packing_rows() -> None:
    tokenizer, options = nano_tokenizer(), {"limit": 100, "sequence_length": 240}
    rows = tokenise(DataRef("builtin:primer", packing="rows", **options), tokenizer, 0).train  # type: ignore[arg-type]  # as above
    ref = DataRef("builtin:primer", isolate_documents=True, split_samples=False, **options)  # type: ignore[arg-type]  # as above
    documents = documents_of(separated(tokenise(ref, tokenizer, 0).train))
    assert documents == documents_of(rows)

"""Documents of blocks become rows of their own, and blocks say where documents begin."""

from functools import partial
from itertools import accumulate

import pytest
import torch

from astraios_ray.data.documents import of_similar_length, separated
from astraios_ray.data.packed_rows import PackedRows, pack_in_memory
from astraios_ray.data.packing import Counts, Packed, Sample, pack_blocks, pack_whole
from astraios_ray.data.tokenise import Rows
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef
from tests.fakes.tokenised import every, tokenised


def documents_of(rows: Rows) -> list[tuple[list[int], list[int]]]:
    """Tokens and labels of each row, without padding."""
    return [
        (ids[mask > 0].tolist(), labels[mask > 0].tolist())
        for ids, labels, mask in zip(rows.input_ids, rows.labels, rows.attention_mask, strict=True)
    ]


def samples(*lengths: int) -> list[Sample]:
    """Samples of consecutive tokens."""
    starts = accumulate(lengths, initial=0)
    tokens = [list(range(start, start + length)) for start, length in zip(starts, lengths, strict=False)]
    return [Sample(ids, ids, 10) for ids in tokens]


def whole(samples: list[Sample], length: int) -> Rows:
    return every(pack_in_memory(samples, partial(pack_whole, length=length), length, 0))


def split(lengths: Counts) -> Packed:
    return pack_blocks(lengths, lengths, 5, drop_tail=False, seed=0)


def begins(rows: PackedRows) -> dict[tuple[int, ...], list[int]]:
    """Of each row's tokens, those with which documents begin."""
    padded = every(rows)
    numbers = [mask[mask > 0].tolist() for mask in padded.attention_mask]
    ids = [tuple(ids) for ids, _ in documents_of(padded)]
    return {
        tokens: [row.index(n) for n in dict.fromkeys(row)] for tokens, row in zip(ids, numbers, strict=True)
    }


def test_blocks_say_where_their_documents_begin() -> None:
    assert begins(pack_in_memory(samples(3, 4, 4, 2), split, 5, 0)) == {
        (0, 1, 2, 3, 4): [0, 3], (5, 6, 7, 8, 9): [0, 2], (10, 11, 12): [0, 1],
    }  # fmt: skip
    packed = pack_in_memory(samples(2, 2, 2, 9, 1), partial(pack_whole, length=5), 5, 0)
    assert list(begins(packed).values()) == [[0, 2], [0], [0], [0]]
    assert packed.documents == 5


def test_the_documents_of_padded_blocks_are_the_samples_without_their_first_labels() -> None:
    documents = documents_of(separated(whole(samples(4, 3, 5, 2, 6), 9)))
    expected = samples(4, 3, 5, 2, 6)
    assert documents == [(sample.ids, [-100, *sample.labels[1:]]) for sample in expected]


def test_a_document_without_a_token_to_predict_is_left_out() -> None:
    first, second = Sample([1, 2, 3], [-100] * 3, 0), Sample([4, 5], [-100, 5], 0)
    assert documents_of(separated(whole([first, second], 8))) == [([4, 5], [-100, 5])]


def test_parts_of_similar_length_hold_every_document_within_their_tokens() -> None:
    lengths = (4, 9, 3, 8, 2, 2, 5)
    rows = separated(whole(samples(*lengths), 40))
    parts = list(of_similar_length(rows, 16))
    assert [tuple(part.input_ids.shape) for part in parts] == [(1, 9), (2, 8), (4, 4)]
    ids = sorted(ids for part in parts for ids, _ in documents_of(part))
    assert ids == sorted(sample.ids for sample in samples(*lengths))


@pytest.mark.parametrize("split", [True, False])
def test_isolated_blocks_have_the_tokens_of_joined_ones_and_the_labels_of_separate_rows(split: bool) -> None:
    tokenizer = nano_tokenizer()
    options = {"limit": 200, "sequence_length": 240, "split_samples": split}
    joined, isolated = (
        tokenised(DataRef("builtin:primer", isolate_documents=isolate, **options), tokenizer, 0).train  # type: ignore[arg-type]  # options are mixed
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
    rows = tokenised(DataRef("builtin:primer", packing="rows", **options), tokenizer, 0).train  # type: ignore[arg-type]  # as above
    ref = DataRef("builtin:primer", isolate_documents=True, split_samples=False, **options)  # type: ignore[arg-type]  # as above
    documents = documents_of(separated(tokenised(ref, tokenizer, 0).train))
    assert documents == documents_of(rows)

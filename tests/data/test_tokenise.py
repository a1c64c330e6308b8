import json
import logging
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from astraios_ray.data.row_reader import read_rows
from astraios_ray.data.rows import Row
from astraios_ray.data.templates import ASTRAIOS
from astraios_ray.data.tokenise import Rows, make_samples
from astraios_ray.errors import DataError
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef, Mask
from tests.fakes.byte_tokenizers import ADDED, byte_tokenizer
from tests.fakes.tokenised import tokenised

END = 0
REAL = (
    Path(__file__).parents[2].parent / "shared" / "data" / "commitpackft_oasst"
)  # a sibling folder of real rows


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return nano_tokenizer()


def primer(**options: object) -> DataRef:
    return DataRef(**{"train": "builtin:primer", "limit": 200, "sequence_length": 80, **options})  # type: ignore[arg-type]  # each test knows


def ids_of(rows: Rows, number: int) -> list[int]:
    ids: list[int] = rows.input_ids[number][rows.attention_mask[number] == 1].tolist()
    return ids


@pytest.mark.parametrize("packing", ["rows", "blocks"])
@pytest.mark.parametrize("loss_on", ["all", "completion"])
def test_the_shapes_agree_and_no_first_token_nor_padding_is_predicted(
    tokenizer: PreTrainedTokenizerFast, packing: str, loss_on: str
) -> None:
    blocks = tokenised(primer(packing=packing, loss_on=loss_on, drop_tail=False), tokenizer, END)
    for rows in (blocks.train, blocks.validation):
        assert rows.input_ids.shape == rows.labels.shape == rows.attention_mask.shape == (len(rows), 80)
        assert {rows.input_ids.dtype, rows.labels.dtype, rows.attention_mask.dtype} == {torch.int64}
        assert (rows.labels[:, 0] == -100).all()
        assert (rows.labels[rows.attention_mask == 0] == -100).all()
        labelled = rows.labels != -100
        assert labelled.any(dim=1).all()
        assert (rows.labels[labelled] == rows.input_ids[labelled]).all()


def test_the_same_reference_gives_the_same_blocks(tokenizer: PreTrainedTokenizerFast) -> None:
    first, second = (tokenised(primer(packing="blocks"), tokenizer, END) for _ in range(2))
    assert torch.equal(first.train.input_ids, second.train.input_ids)
    assert torch.equal(first.validation.labels, second.validation.labels)
    assert first.about == second.about


def test_a_row_is_its_text_and_the_end_of_text(tokenizer: PreTrainedTokenizerFast) -> None:
    ref = primer(packing="rows")
    texts = {text.text for row in read_rows(ref) for text in ASTRAIOS.texts(row)}
    blocks = tokenised(ref, tokenizer, END)
    for number in range(len(blocks.train)):
        ids = ids_of(blocks.train, number)
        assert ids[-1] == END
        assert tokenizer.decode(ids[:-1]) in texts


def test_loss_on_completion_predicts_the_answer_and_its_end_alone(tokenizer: PreTrainedTokenizerFast) -> None:
    rows = read_rows(primer())
    for row, sample in zip(
        rows, make_samples(rows, tokenizer, END, ASTRAIOS, loss_on="completion"), strict=True
    ):
        predicted = [label for label in sample.labels if label != -100]
        assert predicted[-1] == END
        assert tokenizer.decode(predicted[:-1]) == f" {row.completion}"


def test_blocks_hold_the_joined_texts(tokenizer: PreTrainedTokenizerFast) -> None:
    blocks = tokenised(primer(packing="blocks", drop_tail=True), tokenizer, END)
    assert (blocks.train.attention_mask == 1).all()
    assert blocks.about["train_tokens"] == blocks.train.input_ids.numel()
    lengths = [
        len(sample.ids)
        for sample in make_samples(read_rows(primer()), tokenizer, END, ASTRAIOS, loss_on="all")
    ]
    names = ("train_tokens", "train_dropped_tokens", "validation_tokens", "validation_dropped_tokens")
    counted = sum(int(blocks.about[name] or 0) for name in names)
    assert counted == sum(lengths)


def test_what_is_cut_off_is_counted_and_said(
    tokenizer: PreTrainedTokenizerFast, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        blocks = tokenised(primer(packing="rows", sequence_length=50), tokenizer, END)
    truncated = blocks.about["train_truncated"]
    assert isinstance(truncated, int)
    assert 0 < truncated < 180
    assert (
        f"train rows of at most 50 tokens: {blocks.about['train_rows']} remain; {truncated} texts"
        in caplog.text
    )


def test_a_row_that_never_reaches_its_completion_is_counted_and_left_out(
    tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    records = [{"prompt": f"{n} " * (40 if n == 3 else 1), "completion": "yes"} for n in range(8)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    ref = DataRef(str(path), str(path), packing="rows", sequence_length=32, loss_on="completion")
    about = tokenised(ref, tokenizer, END).about
    assert (about["train_samples"], about["train_rows"], about["train_without_target"]) == (8, 7, 1)


def test_too_little_text_for_a_block_says_what_to_change(tokenizer: PreTrainedTokenizerFast) -> None:
    with pytest.raises(DataError, match=r"less than one block of 2048; make data\.sequence_length smaller"):
        tokenised(primer(limit=10, sequence_length=2048), tokenizer, END)


def test_validation_rows_of_their_own_are_read(tokenizer: PreTrainedTokenizerFast) -> None:
    blocks = tokenised(primer(validation="builtin:primer", packing="rows"), tokenizer, END)
    assert len(blocks.train) == len(blocks.validation) == 200


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real rows in {REAL}")
def test_real_rows_fill_the_papers_blocks(tokenizer: PreTrainedTokenizerFast) -> None:
    ref = DataRef(str(REAL / "oasstcommitpackft.jsonl.gz"), sequence_length=2048)
    blocks = tokenised(ref, tokenizer, END)
    assert blocks.about["columns"] == "prompt+completion (151)"
    assert blocks.train.input_ids.shape[1] == 2048
    assert (blocks.train.attention_mask == 1).all()


def test_a_mask_takes_rows_out_of_training_and_leaves_validation_as_it_is(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    mask = Mask("syntax", element="ListComp", training_set="ood")
    unmasked, masked = (
        tokenised(primer(packing="rows", mask=row_mask), tokenizer, END) for row_mask in (None, mask)
    )
    assert torch.equal(masked.validation.input_ids, unmasked.validation.input_ids)
    assert len(unmasked.train) - len(masked.train) == masked.about["ood_rows_left_out"]
    assert masked.about["ood_rows_in_region"] == masked.about["ood_rows_left_out"] != 0


@pytest.mark.parametrize("brought", [False, True], ids=["", "the row brings an end of text"])
@pytest.mark.parametrize("added", ADDED)
def test_a_row_begins_as_its_tokenizer_begins_texts_and_has_one_learnt_end(added: str, brought: bool) -> None:
    tokenizer = byte_tokenizer(added)
    front, _, end = ADDED[added]
    rows = [Row("a", f"b{end if brought else ''}", "x:1", "prompt+completion")]
    (sample,) = make_samples(rows, tokenizer, tokenizer.eos_token_id, ASTRAIOS, loss_on="completion")
    words = tokenizer.convert_ids_to_tokens(sample.ids)
    learnt = [word for word, label in zip(words, sample.labels, strict=True) if label != -100]
    assert words[: len(front) + 1] == [*front, "Q"]
    assert learnt == ["Ġ", "b", end]
    assert words[-3:] == learnt


def test_blocks_name_the_special_tokens_in_front_of_their_texts() -> None:
    data = primer(packing="rows", sequence_length=400, limit=20)
    assert tokenised(data, byte_tokenizer("two in front"), 3).front == ("[gMASK]", "<sop>")
    assert tokenised(data, byte_tokenizer("neither"), 2).front == ()

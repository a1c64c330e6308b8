"""Rows of encoder-decoders are a prompt and its answer, in the tokens of transformers' own scripts."""

from pathlib import Path

import pytest

from astraios_ray.data.packing import Sample
from astraios_ray.data.rows import ASSISTANT, RAW, USER, Row, Turn
from astraios_ray.data.seq2seq import Widths, make_pair_samples, question_tokens, widths_of
from astraios_ray.data.templates import ASTRAIOS, make_template, question_of
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef
from tests.fakes.byte_tokenizers import ADDED, FIM, byte_tokenizer
from tests.fakes.chat_templates import CHATML
from tests.fakes.tokenised import tokenised

ROW = Row("Add one.", "def f(x):\n    return x + 1", "rows:1", "prompt+completion")
PROMPT, ANSWER = "Question: Add one.\n\nAnswer:", " def f(x):\n    return x + 1"


def pairs(**options: object) -> DataRef:
    rows = {"train": "builtin:primer", "limit": 60, "packing": "rows", "loss_on": "completion"}
    return DataRef(**{**rows, "sequence_length": 400, **options})  # type: ignore[arg-type]  # each test knows


@pytest.mark.parametrize("added", ADDED)
def test_both_texts_have_the_tokens_of_the_tokenizer_and_the_answer_one_end(added: str) -> None:
    tokenizer = byte_tokenizer(added)
    (sample,) = make_pair_samples([ROW], tokenizer, tokenizer.eos_token_id, ASTRAIOS)
    prompt, answer = tokenizer(PROMPT)["input_ids"], tokenizer(ANSWER)["input_ids"]
    end = [] if answer[-1] == tokenizer.eos_token_id else [tokenizer.eos_token_id]
    assert sample.ids == [*prompt, *answer, *end]
    assert sample.labels == [-100] * len(prompt) + [*answer, *end]


@pytest.mark.parametrize("added", ["eos", "bos and eos"])
def test_a_question_is_read_as_in_training_and_the_beginning_of_its_answer_is_written(added: str) -> None:
    tokenizer = byte_tokenizer(added)
    (sample,) = make_pair_samples([ROW], tokenizer, tokenizer.eos_token_id, ASTRAIOS)
    read, written = question_tokens(question_of(PROMPT + " def f"), tokenizer, ASTRAIOS, "(x)")
    assert read.ids == [
        token for token, label in zip(sample.ids, sample.labels, strict=True) if label == -100
    ]
    assert sample.ids[len(read.ids) :][: len(written)] == written
    assert tokenizer.decode(written, skip_special_tokens=True) == " def f(x)"


def test_nothing_is_written_of_an_answer_that_has_not_begun() -> None:
    assert question_tokens(question_of(PROMPT), byte_tokenizer("bos and eos"), ASTRAIOS)[1] == []


def test_a_text_to_continue_is_read_and_not_written() -> None:
    tokenizer = byte_tokenizer("eos")
    read, written = question_tokens(question_of("def f(x):"), tokenizer, ASTRAIOS)
    assert (read.ids, written) == (tokenizer("def f(x):")["input_ids"], [])


def test_a_long_prompt_loses_its_end_and_the_answer_stays_whole() -> None:
    tokenizer = byte_tokenizer("eos")
    template = make_template(DataRef("", template="none"), tokenizer)
    row = Row("abcdefgh", "xyz", "rows:1", "")
    (whole,) = make_pair_samples([row], tokenizer, tokenizer.eos_token_id, template)
    for length in range(len(whole.ids) + 3, 0, -1):
        (sample,) = make_pair_samples([row], tokenizer, tokenizer.eos_token_id, template, length)
        tail = whole.ids[8 : whole.labels.count(-100)]
        if length < 4 + len(tail) + 1:  # the answer with its end, and one token of the prompt
            assert sample == whole
        else:
            assert len(sample.ids) == min(length, len(whole.ids))
            assert sample.prompt_cut == len(whole.ids) - len(sample.ids)
            prompt = sample.labels.count(-100)
            assert sample.ids[:prompt] == [*whole.ids[: prompt - len(tail)], *tail]
            assert sample.labels[prompt:] == sample.ids[prompt:] == whole.ids[-4:]


def test_each_answer_of_a_conversation_follows_all_that_stands_in_front_of_it() -> None:
    tokenizer = byte_tokenizer("eos", more=("<|im_start|>", "<|im_end|>"))
    tokenizer.chat_template = CHATML
    template = make_template(DataRef("", template="chat"), tokenizer)
    turns = (Turn(USER, "a?"), Turn(ASSISTANT, "b"), Turn(USER, "c?"), Turn(ASSISTANT, "d"))
    samples = make_pair_samples(
        [Row.of_turns(turns, "rows:1", "messages")], tokenizer, tokenizer.eos_token_id, template
    )
    texts = [tokenizer.decode([t for t in sample.labels if t != -100]) for sample in samples]
    assert [text[:1] for text in texts] == ["b", "d"]
    assert "b" in tokenizer.decode(samples[1].ids[: samples[1].labels.count(-100)])


def test_a_raw_text_has_no_prompt_to_read_and_is_refused() -> None:
    tokenizer = byte_tokenizer("eos")
    row = Row.of_turns((Turn(RAW, "x = 1\n"),), "rows:7", "content")
    template = make_template(DataRef("", template="none"), tokenizer)
    with pytest.raises(DataError, match=r"rows:7: found a text without a prompt.*decoder-only"):
        make_pair_samples([row], tokenizer, tokenizer.eos_token_id, template)


def test_an_empty_answer_is_its_end() -> None:
    tokenizer = byte_tokenizer("eos")
    template = make_template(DataRef("", template="none"), tokenizer)
    (sample,) = make_pair_samples([Row("a", "", "rows:1", "")], tokenizer, tokenizer.eos_token_id, template)
    assert [label for label in sample.labels if label != -100] == [tokenizer.eos_token_id]


def test_a_middle_is_written_by_the_decoder_that_has_its_prefix_and_suffix_read() -> None:
    tokenizer = byte_tokenizer("eos", more=FIM)
    row = Row.of_turns((Turn(RAW, "first second third"),), "rows:1", "content")
    template = make_template(DataRef("", template="fim", fim_rate=1.0), tokenizer)
    (sample,) = make_pair_samples([row], tokenizer, tokenizer.eos_token_id, template)
    texts = [
        tokenizer.decode(part)
        for part in (sample.ids[: sample.labels.count(-100)], sample.ids[sample.labels.count(-100) :])
    ]
    prefix, rest = texts[0].removeprefix(FIM[0]).split(FIM[1])
    assert prefix + texts[1].removesuffix("</s>") + rest.removesuffix(FIM[2] + "</s>") == row.completion


def test_no_row_is_left_out_for_its_long_prompt_and_all_that_were_cut_are_counted() -> None:
    tokenizer = byte_tokenizer("eos")
    blocks = tokenised(pairs(sequence_length=100), tokenizer, tokenizer.eos_token_id, seq2seq=True)
    whole = tokenised(pairs(), tokenizer, tokenizer.eos_token_id, seq2seq=True)
    about, all_rows = blocks.about, whole.about
    assert about["train_rows"] == all_rows["train_rows"]
    assert about["train_without_target"] == all_rows["train_truncated"] == 0
    assert 0 < int(str(about["train_truncated"])) <= int(str(about["train_rows"]))
    assert about["train_dropped_tokens"] == int(str(all_rows["train_tokens"])) - int(
        str(about["train_tokens"])
    )
    assert blocks.widths and whole.widths and blocks.widths.prompt < 100 < whole.widths.prompt
    assert blocks.widths.answer == whole.widths.answer


def test_widths_are_those_of_the_longest_prompt_and_of_the_longest_answer() -> None:
    samples = [Sample([1, 2, 3, 4], [-100, 2, 3, 4], 0), Sample([1, 2, 3], [-100, -100, 3], 0)]
    cut_off = Sample([1, 2, 3, 4, 5], [-100] * 5, 0)
    assert widths_of([*samples, cut_off]) == Widths(2, 3)
    assert widths_of([cut_off]) == Widths(0, 0)


@pytest.mark.parametrize("other", [{"packing": "blocks"}, {"loss_on": "all"}])
def test_blocks_and_a_loss_on_prompts_are_refused(other: dict[str, str]) -> None:
    tokenizer = byte_tokenizer("eos")
    with pytest.raises(ConfigError, match="expected packing rows and loss_on completion, found"):
        tokenised(pairs(**other), tokenizer, tokenizer.eos_token_id, seq2seq=True)


def test_the_rows_of_a_decoder_have_no_widths(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer("eos")
    assert tokenised(pairs(), tokenizer, tokenizer.eos_token_id).widths is None

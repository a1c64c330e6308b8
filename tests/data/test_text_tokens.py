"""The tokens of a text with tokenizers that add special tokens in front, at the end, both or none."""

from typing import Any

import pytest
from transformers import BertTokenizer, ByT5Tokenizer, CanineTokenizer, CodeLlamaTokenizer

from astraios_ray.data.text_tokens import TextTokens, encode_texts
from tests.fakes.byte_tokenizers import ADDED, CHAT, byte_tokenizer

TEXT = "Question: a\n\nAnswer: b"


def encode(tokenizer: Any, text: str, **options: bool) -> TextTokens:
    (tokens,) = encode_texts(tokenizer, [text], **options)
    return tokens


def ids_of(tokenizer: Any, words: Any) -> list[int]:
    ids: list[int] = tokenizer.convert_tokens_to_ids(list(words))
    return ids


@pytest.mark.parametrize("leading_space", [False, True])
@pytest.mark.parametrize("added", ADDED)
def test_a_text_begins_as_the_tokenizer_begins_it_and_has_nothing_behind(
    added: str, leading_space: bool
) -> None:
    tokenizer = byte_tokenizer(added, leading_space=leading_space)
    front, behind, _ = (ids_of(tokenizer, words) for words in ADDED[added])
    tokens = encode(tokenizer, TEXT)
    assert tokens.ids + behind == tokenizer(TEXT)["input_ids"]
    assert tokens.ids == front + tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    assert tokens.front == len(front)


@pytest.mark.parametrize("added", ADDED)
def test_a_text_that_brings_its_own_front_has_it_once(added: str) -> None:
    tokenizer = byte_tokenizer(added)
    words, _, _ = ADDED[added]
    tokens = encode(tokenizer, "".join(words) + TEXT, offsets=True)
    assert (tokens.ids, tokens.front) == (encode(tokenizer, TEXT).ids, len(words))
    assert len(tokens.offsets) == len(tokens.ids)
    assert tokens.offsets[-1][1] == len("".join(words) + TEXT)


@pytest.mark.parametrize("added", ADDED)
def test_the_end_of_text_that_a_text_brings_stays(added: str) -> None:
    tokenizer = byte_tokenizer(added)
    assert encode(tokenizer, f"{TEXT}</s>").ids == encode(tokenizer, TEXT).ids + ids_of(tokenizer, ["</s>"])


@pytest.mark.parametrize("added", ADDED)
def test_an_empty_text_has_no_tokens(added: str) -> None:
    assert encode(byte_tokenizer(added), "", offsets=True) == TextTokens([], 0, [])


@pytest.mark.parametrize("added", ADDED)
def test_the_last_tokens_stand_behind_those_in_front(added: str) -> None:
    tokens = encode(byte_tokenizer(added), TEXT)
    front, text = tokens.ids[: tokens.front], tokens.ids[tokens.front :]
    assert tokens.last(7) == front + text[len(front) - 7 :]
    assert tokens.last(len(tokens.ids)) == tokens.last(1000) == tokens.ids


def test_many_texts_are_the_same_as_one_after_another() -> None:
    tokenizer, texts = byte_tokenizer("bos and eos"), ["", "a", "<s>b", "c</s>", TEXT]
    assert list(encode_texts(tokenizer, texts)) == [encode(tokenizer, text) for text in texts]


@pytest.mark.parametrize("leading_space", [False, True])
@pytest.mark.parametrize("added", ADDED)
def test_a_marker_inside_a_text_is_text(added: str, leading_space: bool) -> None:
    tokenizer = byte_tokenizer(added, leading_space=leading_space)
    words, _, end = ADDED[added]
    front = "".join(words)
    tokens = encode(tokenizer, f"{front}a{end}b{end}{end}", offsets=True)
    blank = " " * leading_space
    letters = tokenizer(f"a{end}b{end}", add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert tokens.ids == [*ids_of(tokenizer, words), *letters, *ids_of(tokenizer, [end])]
    assert tokenizer.decode(letters) == f"{blank}a{end}b{end}"
    assert tokens.offsets[-2:] == [
        (len(f"{front}a{end}b{end}") - 1, len(f"{front}a{end}b{end}")),
        (len(f"{front}a{end}b{end}"), len(f"{front}a{end}b{end}{end}")),
    ]
    kept = encode(tokenizer, f"a{end}b", split_special_tokens=False).ids
    assert kept[tokens.front :].count(*ids_of(tokenizer, [end])) == 1


def test_other_special_tokens_inside_a_text_stay() -> None:
    tokenizer = byte_tokenizer("bos", more=CHAT)
    start, end = ids_of(tokenizer, CHAT)
    tokens = encode(tokenizer, f"{CHAT[0]}a</s>{CHAT[1]}")
    assert tokens.ids[1] == start
    assert tokens.ids[-1] == end
    assert tokenizer.decode(tokens.ids[2:-1]) == "a</s>"
    assert ids_of(tokenizer, ["</s>"])[0] not in tokens.ids


LETTERS = {letter: 5 + place for place, letter in enumerate("▁abc")}


@pytest.mark.parametrize(
    ("tokenizer", "front", "behind"),
    [
        (CodeLlamaTokenizer(vocab={"<unk>": 0, "<s>": 1, "</s>": 2, **LETTERS}, merges=[]), 1, 0),
        (BertTokenizer(vocab={"[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "ab": 4, **LETTERS}), 1, 1),
        (ByT5Tokenizer(), 0, 1),
        (CanineTokenizer(), 1, 1),
    ],
    ids=["CodeLlama", "BERT", "ByT5, slow", "CANINE, slow"],
)
def test_tokenizers_of_transformers_begin_texts_by_their_own_rules(
    tokenizer: Any, front: int, behind: int
) -> None:
    tokens = encode(tokenizer, "ab c")
    default = tokenizer("ab c")["input_ids"]
    assert tokens == TextTokens(default[: len(default) - behind], front, [])

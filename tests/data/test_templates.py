"""Every template: what is trained is what is asked, with tokenizers of several kinds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from astraios_ray.config.data_checks import TEMPLATE_NAMES
from astraios_ray.data.packing import IGNORED, Sample
from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import ASSISTANT, RAW, SYSTEM, USER, Row, Turn, pair
from astraios_ray.data.templates import ASTRAIOS, TEMPLATES, Template, make_template, question_of, refuse_rows
from astraios_ray.data.templates.template_registry import JINJA
from astraios_ray.data.text_tokens import encode_texts
from astraios_ray.data.tokenise import make_samples
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.records import DataRef
from tests.fakes.byte_tokenizers import ADDED, CHAT, FIM, byte_tokenizer
from tests.fakes.chat_templates import CHATML, CHATS, GENERATION, THINKING, TRIMMED

ALPACA = "### Instruction:\n{{ prompt }}\n\n### Response:\n{{ completion }}"
REF = DataRef("rows.jsonl")
TEMPLATE_TEXTS = {**{name: name for name in TEMPLATE_NAMES}, "Jinja": ALPACA, "Jinja chat": CHATML}
CHAT_TURNS = [  # two questions with their answers
    *pair("Add 2 to x.", "x + 2"),
    *pair("And 3?", "x + 3"),
]


def tokenizer_of(added: str, chat: str = CHATML, *, leading_space: bool = False) -> Any:
    tokenizer = byte_tokenizer(added, leading_space=leading_space, more=(*CHAT, *FIM))
    tokenizer.chat_template = chat
    return tokenizer


def nano() -> Any:
    """A tokenizer with merges, which no text of a template is a border for."""
    tokenizer = nano_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": [*CHAT, *FIM]})
    tokenizer.chat_template = CHATML
    return tokenizer


TOKENIZERS = {
    **{name: tokenizer_of(name) for name in ADDED},
    "leading space": tokenizer_of("bos", leading_space=True),
    "merges": nano(),
}


def row(*turns: Turn) -> Row:
    return Row.of_turns(turns, "f:1", "messages")


def messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.text} for turn in turns]


def samples_of(one: Row, tokenizer: Any, template: Template, loss_on: str = "completion") -> list[Sample]:
    return make_samples([one], tokenizer, tokenizer.eos_token_id, template, loss_on=loss_on)


def learnt(sample: Sample) -> list[bool]:
    return [label != IGNORED for label in sample.labels]


def ids_asked(template: Template, tokenizer: Any, prompt: str, answer: str = "") -> list[int]:
    text = template.asked(question_of(prompt), answer)
    (tokens,) = encode_texts(tokenizer, [text], begins=template.begins)
    return tokens.ids


def test_every_template_has_a_name_that_a_study_may_give() -> None:
    assert set(TEMPLATES) == {*TEMPLATE_NAMES, JINJA}


WORDS = st.text(st.sampled_from("ab (:\n"), min_size=1, max_size=12).map(lambda text: f"x{text}y")


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)
@pytest.mark.parametrize("text", TEMPLATE_TEXTS.values(), ids=TEMPLATE_TEXTS)
@given(instruction=WORDS, answer=WORDS)
def test_a_question_is_asked_as_it_was_trained(
    text: str, tokenizer: Any, instruction: str, answer: str
) -> None:
    """The tokens of a question and an answer are those of the row, and all behind the question is learnt."""
    template = make_template(replace(REF, template=text), tokenizer)
    (sample,) = samples_of(row(*pair(instruction, answer)), tokenizer, template)
    separator = " " if text == "astraios" else ""  # the other templates write nothing in front of an answer
    prompt = f"Question: {instruction}\n\nAnswer:"
    asked = ids_asked(template, tokenizer, prompt, separator + answer)
    assert sample.ids[: len(asked)] == asked
    (rendered,) = template.texts(row(*pair(instruction, answer)))
    front = template.asked(question_of(prompt))
    assert rendered.text.startswith(front)
    assert rendered.learnt[0][0] == len(front)
    assert learnt(sample)[-1]
    assert sample.ids[-1] in (tokenizer.eos_token_id, *template.stops) or rendered.text.endswith("\n")


@pytest.mark.parametrize("text", TEMPLATE_TEXTS.values(), ids=TEMPLATE_TEXTS)
def test_the_beginning_of_an_answer_is_asked_as_it_was_trained(text: str) -> None:
    tokenizer = tokenizer_of("bos")
    template = make_template(replace(REF, template=text), tokenizer)
    start = "\ndef f(x):" if text in ("astraios", "none", "fim") else "def f(x):"
    asked = template.asked(question_of("Question: Write f.\n\nAnswer:\ndef f(x):"))
    if text == "astraios":
        assert asked == "Question: Write f.\n\nAnswer:\ndef f(x):"
        return
    (rendered,) = template.texts(row(*pair("Write f.", f"{start}\n    return x")))
    assert rendered.text.startswith(asked)
    assert asked.endswith("def f(x):")


@pytest.mark.parametrize("text", TEMPLATE_TEXTS.values(), ids=TEMPLATE_TEXTS)
def test_a_prompt_in_no_template_is_continued(text: str) -> None:
    template = make_template(replace(REF, template=text), tokenizer_of("bos"))
    asked = template.asked(question_of("#include <stdio.h>\nint main("))
    assert asked.rstrip("".join(FIM)).endswith("int main(") or asked.endswith(FIM[-1])
    assert "#include <stdio.h>\nint main(" in asked


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("turns", [CHAT_TURNS[:2], CHAT_TURNS], ids=["one turn", "two turns"])
def test_the_tokens_of_a_conversation_are_those_of_apply_chat_template(name: str, turns: list[Turn]) -> None:
    tokenizer = tokenizer_of("bos", CHATS[name])
    template = make_template(replace(REF, template="chat"), tokenizer)
    samples = samples_of(row(*turns), tokenizer, template)
    whole = tokenizer.apply_chat_template(messages(turns), return_dict=False)
    ends = [] if template.stops else [tokenizer.eos_token_id]
    assert samples[-1].ids == [*whole, *ends]


def test_the_learnt_tokens_are_those_of_the_mask_that_a_chat_template_makes() -> None:
    tokenizer = tokenizer_of("bos", GENERATION)
    template = make_template(replace(REF, template="chat"), tokenizer)
    for turns in (CHAT_TURNS, CHAT_TURNS[:2], [Turn(SYSTEM, "s"), *CHAT_TURNS]):
        (sample,) = samples_of(row(*turns), tokenizer, template)
        expected = tokenizer.apply_chat_template(
            messages(turns), return_dict=True, return_assistant_tokens_mask=True
        )
        assert sample.ids == expected["input_ids"]
        assert learnt(sample) == [bool(mask) for mask in expected["assistant_masks"]]


@pytest.mark.parametrize("name", ["chatml", "plain"])
def test_the_learnt_tokens_of_an_answer_are_those_behind_the_prompt_for_generation(name: str) -> None:
    """As trl's completion mask of a prompt and its completion, and so in every turn."""
    tokenizer = tokenizer_of("bos", CHATS[name])
    template = make_template(replace(REF, template="chat"), tokenizer)
    (sample,) = samples_of(row(*CHAT_TURNS), tokenizer, template)
    expected = [False] * len(sample.ids)
    for place in (1, 3):
        options = {"return_dict": False}
        begin = len(
            tokenizer.apply_chat_template(messages(CHAT_TURNS[:place]), add_generation_prompt=True, **options)
        )
        end = len(tokenizer.apply_chat_template(messages(CHAT_TURNS[: place + 1]), **options))
        expected[begin:end] = [True] * (end - begin)
    expected[end:] = [True] * (len(expected) - end)  # the end of text that we add
    assert learnt(sample) == expected


def test_a_template_that_rewrites_earlier_turns_makes_a_text_of_each_answer() -> None:
    tokenizer = tokenizer_of("bos", THINKING)
    template = make_template(replace(REF, template="chat"), tokenizer)
    samples = samples_of(row(*CHAT_TURNS), tokenizer, template)
    for sample, place in zip(samples, (1, 3), strict=True):
        turns = CHAT_TURNS[: place + 1]
        assert sample.ids == tokenizer.apply_chat_template(messages(turns), return_dict=False)
        answer = [token for token, is_learnt in zip(sample.ids, learnt(sample), strict=True) if is_learnt]
        assert tokenizer.decode(answer) == f"{turns[-1].text}<|im_end|>\n"
    assert "<think>\n\n</think>\n\n" in template.asked(question_of("Question: q\n\nAnswer:"))


def test_a_template_that_trims_begins_every_answer_alike() -> None:
    tokenizer = tokenizer_of("bos", TRIMMED)
    template = make_template(replace(REF, template="chat"), tokenizer)
    (text,) = template.texts(row(*pair(" q ", "  def f(x): 1\n")))
    assert text.text == "<s>[INST] q [/INST] def f(x): 1 </s>"
    assert text.text.startswith(template.asked(question_of("Question: q\n\nAnswer:\ndef f(x):")))
    assert template.stops == (tokenizer.convert_tokens_to_ids("</s>"),)


def test_the_text_of_the_system_stands_in_front_unless_the_row_has_its_own() -> None:
    ref = replace(REF, template="chat", system="Be brief.")
    template = make_template(ref, tokenizer_of("bos"))
    begin = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    assert template.texts(row(*CHAT_TURNS))[0].text.startswith(begin)
    assert template.asked(question_of("Question: q\n\nAnswer:")).startswith(begin)
    of_row = template.texts(row(Turn(SYSTEM, "Be kind."), *CHAT_TURNS))[0].text
    assert "Be kind." in of_row
    assert "Be brief." not in of_row


def test_a_system_text_of_a_row_is_never_dropped() -> None:
    turns = (Turn(SYSTEM, "Be kind."), *pair("q", "a"))
    assert ASTRAIOS.texts(row(*turns))[0].text == "Question: Be kind.\n\nq\n\nAnswer: a"
    with_system = make_template(replace(REF, template="{{ system }}|{{ prompt }}|{{ completion }}"), nano())
    assert with_system.texts(row(*turns))[0].text == "Be kind.|q|a"
    assert with_system.texts(row(*pair("q", "a")))[0].text == "|q|a"
    with pytest.raises(RowFault, match=r"the Jinja text no \{\{ system \}\}; add it"):
        make_template(replace(REF, template=ALPACA), nano()).texts(row(*turns))


def test_raw_text_is_learnt_as_a_whole_in_no_template() -> None:
    tokenizer = tokenizer_of("bos")
    template = make_template(replace(REF, template="none"), tokenizer)
    (sample,) = samples_of(row(Turn(RAW, "x = 1\n")), tokenizer, template)
    assert tokenizer.decode(sample.ids) == "<s>x = 1\n</s>"
    assert learnt(sample) == [False, *[True] * (len(sample.ids) - 1)]


def test_fim_cuts_its_share_of_raw_texts_and_loses_nothing() -> None:
    tokenizer = tokenizer_of("neither")
    template = make_template(replace(REF, template="fim", fim_rate=0.5), tokenizer)
    texts = [f"def f{number}(x):\n    return x\n" for number in range(200)]
    cut = 0
    for text in texts:
        (rendered,) = template.texts(row(Turn(RAW, text)))
        if not rendered.text.startswith(FIM[0]):
            assert rendered.text == text
            continue
        cut += 1
        prefix, _, rest = rendered.text.removeprefix(FIM[0]).partition(FIM[1])
        suffix, _, middle = rest.partition(FIM[2])
        assert prefix + middle + suffix == text
        assert rendered.text[rendered.learnt[0][0] :] == middle
    assert 70 < cut < 130
    assert [template.texts(row(Turn(RAW, text))) for text in texts] == [
        make_template(replace(REF, template="fim"), tokenizer).texts(row(Turn(RAW, text))) for text in texts
    ]


def test_fim_names_the_tokens_that_are_missing() -> None:
    with pytest.raises(ConfigError, match="tokenizer lacks <fim_prefix>, <fim_suffix>, <fim_middle>"):
        make_template(replace(REF, template="fim"), byte_tokenizer("bos"))
    with pytest.raises(ConfigError, match="tokenizer lacks <fim_middle>"):
        make_template(replace(REF, template="fim"), byte_tokenizer("bos", more=FIM[:2]))


def test_chat_needs_a_chat_template() -> None:
    with pytest.raises(ConfigError, match="chat template of the model's tokenizer, which has none"):
        make_template(replace(REF, template="chat"), byte_tokenizer("bos"))


def test_a_row_that_cannot_be_written_is_named_when_tokens_are_made() -> None:
    tokenizer = tokenizer_of("bos")
    with pytest.raises(DataError, match=r"f:1: data\.template astraios writes one question and its answer"):
        samples_of(row(*CHAT_TURNS), tokenizer, ASTRAIOS)


@pytest.mark.parametrize(
    ("text", "turns", "reason"),
    [
        (
            "astraios",
            CHAT_TURNS,
            "one question and its answer, found user, assistant, user, assistant; write chat",
        ),
        ("astraios", [Turn(RAW, "x")], "one question and its answer, found raw"),
        ("none", CHAT_TURNS, "raw text, or a prompt and its completion, found user, assistant, user"),
        ("fim", CHAT_TURNS, "data.template fim writes raw text"),
        ("chat", [Turn(RAW, "x")], "chat writes conversations, found raw text; write none or fim"),
        (ALPACA, CHAT_TURNS, "a Jinja text with prompt and completion writes one question"),
        (TRIMMED, [Turn(SYSTEM, "s"), *CHAT_TURNS], "refuses the turns system, user, assistant.*alternate"),
        (
            "{% for message in messages %}{{ message.role }}{% endfor %}",
            CHAT_TURNS,
            "does not write the answer",
        ),
    ],
)
def test_rows_that_a_template_cannot_write_are_refused_with_their_place(
    text: str, turns: list[Turn], reason: str
) -> None:
    template = make_template(replace(REF, template=text), tokenizer_of("bos"))
    with pytest.raises(DataError, match=f"Rows do not fit data.template:\n(.|\n)*f:1: .*{reason}"):
        refuse_rows(template, [row(*turns)] * 3)


def test_a_jinja_text_that_is_none_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"data\.template: there is no variable promt .did you mean 'prompt'"
    ):
        make_template(replace(REF, template="{{ promt }}{{ completion }}"), nano())


def test_the_roles_of_a_row_are_those_that_templates_know() -> None:
    assert [turn.role for turn in pair("q", "a")] == [USER, ASSISTANT]

"""Samples and questions of encoder-decoders: the encoder reads a prompt, the decoder writes its answer.

Both are tokenised as texts of their own, with the special tokens that the tokenizer puts around a text, as
transformers' scripts for sequence to sequence do. A sample's tokens are those of the prompt, without labels,
and those of the answer, with labels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from astraios_ray.data.packing import IGNORED, Sample
from astraios_ray.data.row_shapes.shape import RowFault
from astraios_ray.data.rows import Row
from astraios_ray.data.templates import Question, Template, Text, encode_in
from astraios_ray.data.templates.template import Tokenizer
from astraios_ray.data.text_tokens import TextTokens, tail_of
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef


@dataclass(frozen=True)
class Widths:
    """The most tokens of a prompt and of an answer in any row of a study: every pass pads to these."""

    prompt: int
    answer: int


@dataclass(frozen=True)
class _Pair:
    """A prompt and its answer as texts."""

    prompt: str
    answer: str
    ends: bool  # whether the tokenizer's end of text follows the answer


def refuse_blocks(ref: DataRef) -> None:
    """Raise ConfigError unless each sample is a row and its answer alone is learnt."""
    if (ref.packing, ref.loss_on) != ("rows", "completion"):
        raise ConfigError(
            "data: an encoder-decoder reads a prompt and writes its answer: expected packing rows and "
            f"loss_on completion, found {ref.packing} and {ref.loss_on}."
        )


def make_pair_samples(
    rows: Sequence[Row], tokenizer: Tokenizer, eos_id: int, template: Template, length: int | None = None
) -> list[Sample]:
    """A sample of each answer of each row. Raises DataError for rows that cannot be written as pairs.

    Prompt and answer of more than ``length`` tokens lose the end of the prompt, so that the answer is learnt.
    """
    pairs = [pair for row in rows for pair in _pairs(row, template)]
    prompts = encode_in(template, tokenizer, [pair.prompt for pair in pairs])
    answers = encode_in(template, tokenizer, [pair.answer for pair in pairs])
    tail = _tail(template, tokenizer)
    samples = [
        _sample(pair, _followed(prompt.ids, tail), _followed(answer.ids, tail), eos_id)
        for pair, prompt, answer in zip(pairs, prompts, answers, strict=True)
    ]
    return samples if length is None else [_shortened(sample, length, tail) for sample in samples]


def widths_of(samples: Sequence[Sample]) -> Widths:
    """The widths of ``samples`` that ``make_pair_samples`` made; without those whose answer is cut off."""
    prompts = [sample.labels.count(IGNORED) for sample in samples]
    pairs = [(prompt, len(sample.ids) - prompt) for sample, prompt in zip(samples, prompts, strict=True)]
    whole = [(prompt, answer) for prompt, answer in pairs if answer]
    return Widths(*map(max, zip(*whole, strict=True))) if whole else Widths(0, 0)


def question_tokens(
    question: Question, tokenizer: Tokenizer, template: Template, answer: str = ""
) -> tuple[TextTokens, list[int]]:
    """What the encoder reads of a question, and the beginning of the answer with ``answer`` behind it."""
    before = Question(question.instruction, "") if question.instruction else question
    prompt, text = template.asked(before), template.asked(question, answer)
    if not text.startswith(prompt):
        raise DataError(
            f"data.template: it writes {prompt[:60]!r} before an answer, and {text[:60]!r} where the answer "
            "has begun; an encoder-decoder needs a template that writes the answer behind the prompt."
        )
    start = text[len(prompt) :]
    read, written = encode_in(template, tokenizer, [prompt, start])
    ids = _followed(read.ids, _tail(template, tokenizer))
    return TextTokens(ids, read.front, []), written.ids if start else []


def _pairs(row: Row, template: Template) -> Iterator[_Pair]:
    try:
        for text in template.texts(row):
            yield from _pairs_of(text)
    except RowFault as fault:
        raise DataError(f"{row.source}: {fault}") from fault


def _pairs_of(text: Text) -> Iterator[_Pair]:
    """The answers of a text, each with all that stands in front of it."""
    answers = [span for span in text.learnt if span[0] < len(text.text)]
    for start, end in answers or text.learnt[-1:]:  # the last is empty: the end of text alone
        if start == 0:
            raise RowFault(
                "found a text without a prompt; an encoder-decoder reads a prompt and writes its answer. "
                "Give rows with a prompt and a completion, or a decoder-only model."
            )
        yield _Pair(text.text[:start], text.text[start:end], text.ends)


def _sample(pair: _Pair, prompt: list[int], answer: list[int], eos_id: int) -> Sample:
    if pair.ends and answer[-1:] != [eos_id]:
        answer = [*answer, eos_id]
    labels = [IGNORED] * len(prompt) + answer
    return Sample([*prompt, *answer], labels, len(pair.prompt) + len(pair.answer))


def _shortened(sample: Sample, length: int, tail: list[int]) -> Sample:
    """The sample without the end of its prompt, as far as it is too long. ``tail`` follows every prompt.

    One whose answer alone leaves no room stays as it is.
    """
    prompt = sample.labels.count(IGNORED)
    room, surplus = length - (len(sample.ids) - prompt) - len(tail), len(sample.ids) - length
    if surplus <= 0 or room < 1:
        return sample
    ids = [*sample.ids[:room], *tail, *sample.ids[prompt:]]
    return replace(sample, ids=ids, labels=sample.labels[surplus:], prompt_cut=surplus)


def _tail(template: Template, tokenizer: Tokenizer) -> list[int]:
    return tail_of(tokenizer) if template.begins else []


def _followed(ids: list[int], tail: list[int]) -> list[int]:
    """``ids`` with the tokens that the tokenizer puts behind a text, once."""
    return ids if tail and ids[-len(tail) :] == tail else [*ids, *tail]

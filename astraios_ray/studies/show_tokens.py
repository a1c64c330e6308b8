"""The tokens of a study as they are trained, and as each evaluator asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.data.packing import IGNORED, Sample
from astraios_ray.data.parts import read_parts
from astraios_ray.data.rows import Row
from astraios_ray.data.seq2seq import make_pair_samples, question_tokens
from astraios_ray.data.templates import Question, Template, encode_in, make_template, question_of
from astraios_ray.data.text_tokens import end_of_text
from astraios_ray.data.tokenise import make_samples
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.loading import load_evaluator, load_problems
from astraios_ray.models.load_base import load_tokenizer
from astraios_ray.studies.seq2seq_data import is_seq2seq

ROWS = 2  # training rows
PROBLEMS = 1  # of each evaluator


@dataclass(frozen=True)
class TokenText:
    """The tokens of one text, each as the text that it stands for; of an encoder-decoder those of both."""

    title: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    learnt: tuple[bool, ...]  # none of a text that is asked
    answer: int  # the token with which the answer begins; as many as there are tokens: behind them


@dataclass(frozen=True)
class TokenPage:
    """Trained and asked tokens, for a person to compare."""

    template: str
    trained: tuple[TokenText, ...]
    asked: tuple[TokenText, ...]


def token_page(study: StudyConfig) -> TokenPage:
    """The tokens of the first training rows and of the first problems of each evaluator.

    Raises ConfigError and DataError.
    """
    ref, tokenizer = study.data_ref(), load_tokenizer(study.model.ref())
    template, end = make_template(ref, tokenizer), end_of_text(tokenizer, study.model.id)
    seq2seq = is_seq2seq(study)
    trained = [
        text
        for row in islice(read_parts(ref).training, ROWS)
        for text in _trained(row, tokenizer, end, template, None if seq2seq else ref.loss_on)
    ]
    asked = [
        (_asked_in_two if seq2seq else _asked)(
            f"{parse_task(task).label} {problem.id}", problem, choice, tokenizer, template
        )
        for task in study.evaluate.tasks
        for problem in islice(load_problems(task).values(), PROBLEMS)
        for choice in load_evaluator(task).choices or ("",)
    ]
    return TokenPage(ref.template, tuple(trained), tuple(asked))


def _trained(row: Row, tokenizer: Any, end: int, template: Template, loss_on: str | None) -> list[TokenText]:
    """The texts of a row; without ``loss_on`` those of an encoder-decoder."""
    if loss_on is None:
        answers = samples = make_pair_samples([row], tokenizer, end, template)
    else:
        answers, samples = (
            make_samples([row], tokenizer, end, template, loss_on=part) for part in ("completion", loss_on)
        )
    return [
        _text(row.source, tokenizer, sample.ids, _learnt(sample), _learnt(answer).index(True))
        for answer, sample in zip(answers, samples, strict=True)
    ]


def _asked(title: str, problem: Problem, choice: str, tokenizer: Any, template: Template) -> TokenText:
    """The tokens of a prompt, with one of the choices behind it where the evaluator has some."""
    question = question_of(problem.prompt)
    before = Question(question.instruction, "") if question.instruction else question
    whole, front = encode_in(
        template,
        tokenizer,
        [template.asked(question, choice), template.asked(before)],
    )
    shared = next(
        (place for place, pair in enumerate(zip(whole.ids, front.ids, strict=False)) if pair[0] != pair[1]),
        min(len(whole.ids), len(front.ids)),
    )
    return _text(title + choice, tokenizer, whole.ids, (), shared)


def _asked_in_two(title: str, problem: Problem, choice: str, tokenizer: Any, template: Template) -> TokenText:
    """The tokens that an encoder reads, and those with which its decoder begins the answer."""
    prompt, start = question_tokens(question_of(problem.prompt), tokenizer, template, choice)
    return _text(title + choice, tokenizer, [*prompt.ids, *start], (), len(prompt.ids))


def _learnt(sample: Sample) -> tuple[bool, ...]:
    """Which tokens are learnt; the first of a row never is."""
    return (False, *(label != IGNORED for label in sample.labels[1:]))


def _text(title: str, tokenizer: Any, ids: Sequence[int], learnt: tuple[bool, ...], answer: int) -> TokenText:
    return TokenText(title, tuple(ids), tuple(tokenizer.decode([token]) for token in ids), learnt, answer)

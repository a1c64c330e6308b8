"""A task of labelled code whose answer is YES or NO, asked and scored as the Astraios scripts do."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import ClassVar

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.checked_rows import truth_of
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generations_file import Generations, as_text, in_order
from astraios_ray.evaluation.metrics import Metric
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.answers import NO, YES, Keywords, answer_part, parse_answer
from astraios_ray.tasks.classification import classification_metrics
from astraios_ray.tasks.label_sample import draw_by_label
from astraios_ray.tasks.labelled_rows import (
    LABEL,
    TEXT,
    Labelled,
    carry_rows,
    read_carried,
    read_labelled,
)

SAMPLE, FULL = "sample2000", "full"
WRITTEN, LIKELIHOOD = "written", "likelihood"
SAVED = (".json", ".json.gz")  # as a value of ``data``: generations that carry their rows


@dataclass(frozen=True)
class YesNo(Evaluator):
    """What such tasks share.

    A task says its ``template`` with the rows' text columns in braces, its ``label_key``, the ``keywords``
    of its parser and where its rows lie: ``sources``, the parts of one data set. Its scripts generate for
    ``generated`` rows, negatives and positives (None: all), and score the ``scored`` ones of those.
    ``subset`` ``full`` scores all that were generated. Of fewer rows than that all are taken. With
    ``scoring`` ``likelihood`` nothing is written: the likelier of YES and NO is the answer.
    """

    subset: str = SAMPLE
    scoring: str = WRITTEN  # as the scripts; or likelihood
    seed: int = 0  # of both draws; the scripts' is 0
    data: str = ""
    data_root: str = ""
    stop: tuple[str, ...] = ("\n",)

    greedy = True
    executes = False
    ranking = "accuracy"
    template: ClassVar[str]
    label_key: ClassVar[str]
    keywords: ClassVar[Keywords]
    sources: ClassVar[tuple[RowSource, ...]]
    generated: ClassVar[tuple[int, int] | None] = None
    scored: ClassVar[tuple[int, int]]

    def __post_init__(self) -> None:
        """Raises ConfigError for a subset or a scoring that there is not."""
        if self.scoring not in (WRITTEN, LIKELIHOOD):
            raise ConfigError(
                f"{self.name}: scoring: expected {WRITTEN} or {LIKELIHOOD}, found {self.scoring!r}."
            )
        if self.subset not in (SAMPLE, FULL):
            raise ConfigError(f"{self.name}: subset: expected {SAMPLE} or {FULL}, found {self.subset!r}.")

    @property
    def choices(self) -> tuple[str, str] | None:
        """YES and NO where their likelihood is asked for."""
        return (" YES", " NO") if self.scoring == LIKELIHOOD else None

    def problems(self) -> Sequence[Problem]:
        """The rows that are asked, in the order of the scripts."""
        rows = pool(self)
        return [self._problem(place, rows[place]) for place in self._asked()]

    def describe(self) -> Mapping[str, Value]:
        """Where the rows are from, and how many of each label were drawn out of how many."""
        labels, asked = [row.label for row in pool(self)], self._asked()
        drawn, all_positives = sum(labels[place] for place in asked), sum(labels)
        if self.data.endswith(SAVED):
            source: Mapping[str, Value] = {"rows": self.data}
        else:
            source = self.sources[0].describe(self.data, self.data_root)
        return {
            **source,
            "scoring": self.scoring,
            "negatives": f"{len(asked) - drawn} of {len(labels) - all_positives}",
            "positives": f"{drawn} of {all_positives}",
        }

    def reference(self, problem: Problem) -> Completion | None:
        """The right answer."""
        return Completion(problem.id, 0, " YES" if problem.answer["label"] == YES else " NO")

    def carries_rows(self, generations: Generations) -> bool:
        """Whether these generations carry their labels, as the harness saves them."""
        return carry_rows(generations)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Generations for the rows that are asked, in the order of ``problems()``, or for all rows.

        Those that carry labels, which must agree, are for all rows, in the order of the data.
        """
        if self.scoring == LIKELIHOOD:
            raise ConfigError(
                f"{self.name}: scoring={LIKELIHOOD} asks a model; a file holds what was written."
            )
        asked, rows = [self._id(place) for place in self._asked()], pool(self)
        by_id = {self._id(place): row for place, row in enumerate(rows)}
        read = partial(_answer, by_id)
        for_all = len(generations.rows) == len(rows) and (len(rows) > len(asked) or carry_rows(generations))
        if not for_all:
            return in_order(generations, asked, read=read)
        wanted = {problem: number for number, problem in enumerate(asked[: generations.limit])}
        everything = in_order(replace(generations, limit=None), list(by_id), read=read)
        found = [completion for completion in everything if completion.problem in wanted]
        return sorted(found, key=lambda completion: wanted[completion.problem])

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Parses what was written; runs nothing."""
        return [self._verdict(problem.answer["label"], completion) for completion in completions]

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """Accuracy, both F1 and the share of valid answers."""
        return classification_metrics(verdicts)

    def _problem(self, place: int, row: Labelled) -> Problem:
        prompt = row.question or self.template.format(**row.texts)
        return Problem(self._id(place), prompt, {"label": YES if row.label else NO})

    def _verdict(self, label: str, completion: Completion) -> Verdict:
        answer = parse_answer(completion.text, self.keywords)
        right = answer == label
        return Verdict(
            completion.problem,
            completion.sample,
            Outcome.PASSED if right else Outcome.FAILED,
            "" if right else f"answered {answer}, expected {label}",
            {"label": label, "answer": answer},
        )

    def _asked(self) -> Sequence[int]:
        rows = pool(self)
        return range(len(rows)) if self.subset == FULL else _draw(rows, self.scored, self.seed)

    def _id(self, place: int) -> str:
        return f"{self.name}/{place}"


@cache
def pool(task: YesNo) -> Sequence[Labelled]:
    """The rows that the task's scripts generate for, in their order. Read once per process and options."""
    if task.data.endswith(SAVED):
        return read_carried(Path(task.data).expanduser())
    paths = dict.fromkeys(source.find(task.data, task.data_root) for source in task.sources)
    columns = [name for _, name, _, _ in string.Formatter().parse(task.template) if name]
    rows = read_labelled(list(paths), columns, task.label_key)
    if task.generated is None:
        return rows
    return [rows[place] for place in _draw(rows, task.generated, task.seed)]


def _draw(rows: Sequence[Labelled], most: tuple[int, int], seed: int) -> list[int]:
    labels = [row.label for row in rows]
    return draw_by_label(labels, negatives=most[0], positives=most[1], seed=seed)


def _answer(rows: Mapping[str, Labelled], problem: str, record: object) -> str:
    """The answer in a sample: text, or what the harness saved, whose label must be the row's."""
    if not isinstance(record, dict) or TEXT not in record:
        return answer_part(as_text(problem, record))
    if LABEL in record and truth_of(record, LABEL) != rows[problem].label:
        raise ValueError(f"carries the label {record[LABEL]!r}, its row has {rows[problem].label}")
    return answer_part(as_text(problem, record[TEXT]))

"""A task of labelled code whose answer is YES or NO, with the prompts and scores of Astraios."""

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
GENERATION_SUFFIXES = (".json", ".json.gz")  # as a value of ``data``: generations that carry their rows


@dataclass(frozen=True)
class YesNo(Evaluator):
    """The common part of such tasks.

    A task has its ``template`` with the rows' text columns in braces, its ``label_key``, the ``keywords`` of
    its parser and the ``sources`` of its rows, the parts of one data set. The scripts generate for a draw of
    ``generated`` rows, negatives and positives (None: all), and score a draw of ``scored`` rows of those. A
    draw takes all rows when there are fewer. With ``subset`` ``full`` all generated rows are scored. With
    ``scoring`` ``likelihood`` the model writes nothing: the answer is the likelier of YES and NO.
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
        """Raises ConfigError for an unknown subset or scoring."""
        if self.scoring not in (WRITTEN, LIKELIHOOD):
            raise ConfigError(
                f"{self.name}: scoring: expected {WRITTEN} or {LIKELIHOOD}, found {self.scoring!r}."
            )
        if self.subset not in (SAMPLE, FULL):
            raise ConfigError(f"{self.name}: subset: expected {SAMPLE} or {FULL}, found {self.subset!r}.")

    @property
    def choices(self) -> tuple[str, str] | None:
        """YES and NO when scored by likelihood, else None."""
        return (" YES", " NO") if self.scoring == LIKELIHOOD else None

    def problems(self) -> Sequence[Problem]:
        """The scored rows, in the order of the scripts."""
        rows = pool(self)
        return [self._problem(place, rows[place]) for place in self._places()]

    def describe(self) -> Mapping[str, Value]:
        """The origin of the rows, and how many rows of each label were drawn."""
        labels, places = [row.label for row in pool(self)], self._places()
        positives, all_positives = sum(labels[place] for place in places), sum(labels)
        if self.data.endswith(GENERATION_SUFFIXES):
            source: Mapping[str, Value] = {"rows": self.data}
        else:
            source = self.sources[0].describe(self.data, self.data_root)
        return {
            **source,
            "scoring": self.scoring,
            "negatives": f"{len(places) - positives} of {len(labels) - all_positives}",
            "positives": f"{positives} of {all_positives}",
        }

    def reference(self, problem: Problem) -> Completion | None:
        """The right answer as a completion."""
        return Completion(problem.id, 0, " YES" if problem.answer["label"] == YES else " NO")

    def carries_rows(self, generations: Generations) -> bool:
        """Whether these generations carry their labels, as the harness saves them."""
        return carry_rows(generations)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Completions of a file for the scored rows, in the order of ``problems()``, or for all rows.

        A file that carries labels, which must agree, is for all rows in the order of the data.
        """
        if self.scoring == LIKELIHOOD:
            raise ConfigError(
                f"{self.name}: scoring={LIKELIHOOD} asks a model; a file holds what was written."
            )
        ids, rows = [self._id(place) for place in self._places()], pool(self)
        by_id = {self._id(place): row for place, row in enumerate(rows)}
        read = partial(_answer, by_id)
        for_all = len(generations.rows) == len(rows) and (len(rows) > len(ids) or carry_rows(generations))
        if not for_all:
            return in_order(generations, ids, read=read)
        order = {problem: number for number, problem in enumerate(ids[: generations.limit])}
        completions = in_order(replace(generations, limit=None), list(by_id), read=read)
        selected = [completion for completion in completions if completion.problem in order]
        return sorted(selected, key=lambda completion: order[completion.problem])

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Parse each answer and run nothing."""
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

    def _places(self) -> Sequence[int]:
        rows = pool(self)
        return range(len(rows)) if self.subset == FULL else _draw(rows, self.scored, self.seed)

    def _id(self, place: int) -> str:
        return f"{self.name}/{place}"


@cache
def pool(task: YesNo) -> Sequence[Labelled]:
    """The rows that the scripts generate for, in order. They are read once per process and options."""
    if task.data.endswith(GENERATION_SUFFIXES):
        return read_carried(Path(task.data).expanduser())
    paths = dict.fromkeys(source.find(task.data, task.data_root) for source in task.sources)
    columns = [name for _, name, _, _ in string.Formatter().parse(task.template) if name]
    rows = read_labelled(list(paths), columns, task.label_key)
    if task.generated is None:
        return rows
    return [rows[place] for place in _draw(rows, task.generated, task.seed)]


def _draw(rows: Sequence[Labelled], counts: tuple[int, int], seed: int) -> list[int]:
    labels = [row.label for row in rows]
    return draw_by_label(labels, negatives=counts[0], positives=counts[1], seed=seed)


def _answer(rows: Mapping[str, Labelled], problem: str, record: object) -> str:
    """The answer in a sample: text, or a record of the harness, whose label must equal the row's."""
    if not isinstance(record, dict) or TEXT not in record:
        return answer_part(as_text(problem, record))
    if LABEL in record and truth_of(record, LABEL) != rows[problem].label:
        raise ValueError(f"carries the label {record[LABEL]!r}, its row has {rows[problem].label}")
    return answer_part(as_text(problem, record[TEXT]))

"""Rows of code with a label, from a data set or from generations that carry their labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from astraios_ray.data.row_files import file_records
from astraios_ray.evaluation.checked_rows import checked_rows, text_of, truth_of
from astraios_ray.evaluation.generations_file import Generations, read_generations
from astraios_ray.tasks.answers import question_part

LABEL, TEXT = "true_label", "raw_text"  # of a sample that the bigcode-evaluation-harness saved


@dataclass(frozen=True)
class Labelled:
    """One row: its texts by name, or the whole question when a file holds only that."""

    texts: Mapping[str, str]
    label: bool
    question: str = ""


def read_labelled(paths: Sequence[Path], text_keys: Sequence[str], label_key: str) -> list[Labelled]:
    """The rows of the files, in order. Raises DataError with all rows that cannot be used."""
    unique_texts: dict[
        str, str
    ] = {}  # BigCloneBench pairs nine thousand functions in 415,416 ways: keep each once

    def make(record: Mapping[str, object]) -> Labelled:
        texts = {key: text_of(record, key) for key in text_keys}
        shared = {key: unique_texts.setdefault(text, text) for key, text in texts.items()}
        return Labelled(shared, truth_of(record, label_key))

    records = chain.from_iterable(file_records(path) for path in paths)
    return checked_rows(records, make, ", ".join(map(str, paths)))


def read_carried(path: Path) -> list[Labelled]:
    """The rows that a file of generations carries: a label, and the question in front of the answer."""
    generations = read_generations(path)
    places = ((generations.place(number), row[0]) for number, row in enumerate(generations.rows))
    return checked_rows(
        places,
        lambda record: Labelled({}, truth_of(record, LABEL), question_part(text_of(record, TEXT))),
        str(path),
    )


def carry_rows(generations: Generations) -> bool:
    """Whether these generations carry the rows that they answer; then no other data is needed."""
    return not generations.with_ids and all(
        isinstance(record, dict) and LABEL in record and TEXT in record
        for record in chain.from_iterable(generations.rows)
    )

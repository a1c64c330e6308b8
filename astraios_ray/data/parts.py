"""The training and validation rows of a data set, before masking and tokenising."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.data.mixture import mix
from astraios_ray.data.row_reader import SourceRows, read_source
from astraios_ray.data.rows import Row
from astraios_ray.data.split import RowsBySource, split_rows
from astraios_ray.records import DataRef, SourceRef, Value


@dataclass(frozen=True)
class DataParts:
    """Rows to train on and rows to validate on, and counts of what was read."""

    training: list[Row]
    validation: list[Row]
    about: Mapping[str, Value]


def read_parts(ref: DataRef) -> DataParts:
    """Training and validation rows, by ``ref.validation`` or else by a seeded split of the texts.

    The rows of several sources are mixed by their weights, in both parts. Raises DataError and ConfigError.
    """
    read = [read_source(source, ref) for source in ref.sources]
    training: RowsBySource = [source.rows for source in read]
    others = ref.validation_sources
    if others:
        validation: RowsBySource = [read_source(source, ref).rows for source in others]
    else:
        training, validation = split_rows(training, ref.validation_fraction, ref.seed)
    return DataParts(
        _mixed(training, ref.sources, ref.seed),
        _mixed(validation, others or ref.sources, ref.seed),
        _about(read),
    )


def _mixed(rows_by_source: Sequence[Sequence[Row]], sources: Sequence[SourceRef], seed: int) -> list[Row]:
    return mix(rows_by_source, [source.weight for source in sources], seed)


def _about(read: Sequence[SourceRows]) -> dict[str, Value]:
    """What is not used of the training rows; only what there is, as old records have it."""
    unanswered = sum(source.unanswered for source in read)
    unused = list(dict.fromkeys(column for source in read for column in source.unused))
    about: dict[str, Value] = {}
    if unanswered:
        about["unanswered_rows"] = unanswered
    if unused:
        about["unused_columns"] = ", ".join(unused)
    return about

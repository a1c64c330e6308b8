"""Read files of generations, in the layouts of bigcode-evaluation-harness and of the benchmarks."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path

from astraios_ray.data.file_formats.compression import BREAKS, opened
from astraios_ray.data.file_formats.json_lines import line_records
from astraios_ray.data.file_formats.json_text import parse_json
from astraios_ray.data.rows import BadRow, kind_of
from astraios_ray.errors import DataError
from astraios_ray.evaluation.checked_rows import refuse
from astraios_ray.records import Completion

ID_KEYS = ("problem", "task_id", "id", "question_id")
WHOLE = "solution"  # the key of a whole program, as evalplus writes it
TEXT_KEYS = ("text", "completion", "generation", WHOLE)
PROGRAMS = "code_list"  # the key of all programs of a problem, as LiveCodeBench writes them


@dataclass(frozen=True)
class Generations:
    """The content of a file of generations.

    ``rows`` is [row][sample], or one list of objects with ids when ``with_ids``. ``limit`` selects only the
    first problems; ``sha256`` is the digest of the file's bytes.
    """

    path: str
    rows: Sequence[Sequence[object]]
    with_ids: bool
    sha256: str
    limit: int | None = None

    def place(self, row: int, sample: int | None = None) -> str:
        """Where a row stands, for a message. Rows and samples are counted from 1."""
        return f"{self.path}: row {row + 1}" + ("" if sample is None else f", sample {sample + 1}")


def read_generations(path: Path, limit: int | None = None) -> Generations:
    """The file's rows: JSON with a list per problem, or rows with ids as JSON or JSONL; all may be gzipped.

    A JSON object has the texts of each id, cut already, as CRUXEval writes them; a row with ``code_list`` has
    all programs of its id, as LiveCodeBench's.

    Raises DataError with the row and the reason when it is no such file.
    """
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()
    records = _records(path, content)
    if not records:
        raise DataError(f"{path}: holds no generations.")
    if all(isinstance(record, dict) for record in records):
        return Generations(str(path), [[*chain(*map(_one_per_text, records))]], True, digest, limit)
    rows = list[list[object]]()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, list) or not record:
            description = "an empty list" if record == [] else kind_of(record)
            raise DataError(f"{path}: row {number}: found {description}, expected a list of samples.")
        rows.append(record)
    return Generations(str(path), rows, False, digest, limit)


def in_order(
    generations: Generations,
    ids: Sequence[str],
    *,
    one_row_per_sample: bool = False,
    read: Callable[[str, object], str] | None = None,
    whole_programs: bool = False,
) -> list[Completion]:
    """The completions of the first problems of ``ids``, sample by sample, problem by problem.

    Rows without ids are in the order of ``ids``. With ``one_row_per_sample`` each row has one sample, and the
    rows of one problem follow one another. ``read`` takes the text out of a problem's sample and raises
    ValueError when there is none; the default accepts only text. With ``whole_programs`` rows without ids
    hold whole programs. Raises DataError with all rows that cannot be used.
    """
    if generations.with_ids:
        return _by_id(generations, ids)
    problems = ids[: generations.limit]
    per_problem = _rows_per_problem(generations, len(ids), len(problems)) if one_row_per_sample else 1
    _check_rows(generations, len(ids), len(problems), per_problem, one_row_per_sample)
    completions, bad = [], list[str]()
    for index, problem in enumerate(problems):
        for row in range(index * per_problem, (index + 1) * per_problem):
            for column, record in enumerate(generations.rows[row]):
                sample = row % per_problem if one_row_per_sample else column
                try:
                    text = (read or as_text)(problem, record)
                except ValueError as error:
                    bad.append(f"{generations.place(row, column)}: {error}")
                else:
                    completions.append(Completion(problem, sample, text, whole_programs))
    refuse(bad)
    return completions


def as_text(problem: str, record: object) -> str:
    """A sample that is text. Raises ValueError for anything else."""
    if not isinstance(record, str):
        raise ValueError(f"found {kind_of(record)}, expected text")
    return record


def _by_id(generations: Generations, ids: Sequence[str]) -> list[Completion]:
    valid_ids, problems = set(ids), ids[: generations.limit]
    by_problem: dict[str, dict[int, Completion]] = defaultdict(dict)
    bad = list[str]()
    for row, record in enumerate(generations.rows[0]):
        try:
            completion = _completion(record, by_problem)
            if completion.problem not in valid_ids:
                raise ValueError(f"there is no problem {completion.problem!r}")
            if completion.sample in by_problem[completion.problem]:
                raise ValueError(f"problem {completion.problem!r} has a sample {completion.sample} already")
        except ValueError as error:
            bad.append(f"{generations.place(row)}: {error}")
        else:
            by_problem[completion.problem][completion.sample] = completion
    counts = Counter(len(by_problem[problem]) for problem in problems)
    usual = counts.most_common(1)[0][0]
    bad += [
        f"{generations.path}: problem {problem!r} has {len(by_problem[problem])} samples, others have {usual}"
        for problem in problems
        if len(by_problem[problem]) != usual or not usual
    ]
    refuse(bad)
    return [by_problem[problem][sample] for problem in problems for sample in sorted(by_problem[problem])]


def _completion(record: object, by_problem: Mapping[str, Mapping[int, Completion]]) -> Completion:
    assert isinstance(record, dict)
    problem, text = _one_of(record, ID_KEYS), _one_of(record, TEXT_KEYS)
    sample = record.get("sample", len(by_problem.get(problem, ())))
    if not isinstance(sample, int) or isinstance(sample, bool):
        raise ValueError(f"'sample' must be a whole number, found {kind_of(sample)}")
    is_whole = record.get("whole") is True or (WHOLE in record and text == record[WHOLE])
    return Completion(problem, sample, text, is_whole)


def _one_of(record: Mapping[str, object], keys: Sequence[str]) -> str:
    key = next((key for key in keys if key in record), None)
    if key is None:
        raise ValueError(f"{' or '.join(map(repr, keys))} is missing; the row has {sorted(record)}")
    value = record[key]
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be text, found {kind_of(value)}")
    return value


def _rows_per_problem(generations: Generations, total: int, limit: int) -> int:
    """Rows per problem, in a file of all problems or of those within the limit."""
    for problems in (total, limit):
        if problems and len(generations.rows) % problems == 0:
            return len(generations.rows) // problems
    raise DataError(
        f"{generations.path}: has {len(generations.rows)} rows, expected a multiple of {total}, the number "
        f"of problems{f', or of {limit}' if limit < total else ''}."
    )


def _check_rows(
    generations: Generations, total: int, limit: int, per_problem: int, one_row_per_sample: bool
) -> None:
    rows = generations.rows
    right = {total * per_problem, limit * per_problem}
    if len(rows) not in right:
        raise DataError(
            f"{generations.path}: has {len(rows)} rows, expected one for each of "
            f"{' or '.join(str(count) for count in sorted(right))} problems; a part is scored with `limit`.",
            arguments=["limit"],
        )
    samples = 1 if one_row_per_sample else len(rows[0])
    refuse(
        [
            f"{generations.place(row)}: has {len(record)} samples, expected {samples}"
            for row, record in enumerate(rows)
            if len(record) != samples
        ]
    )


def _content(path: Path) -> bytes:
    try:
        with opened(path) as file:
            return file.read()
    except BREAKS as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error


def _records(path: Path, content: bytes) -> list[object]:
    if path.name.removesuffix(".gz").removesuffix(".zst").endswith(".jsonl"):
        return _lines(path, content)
    try:
        records = parse_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is no UTF-8, expected JSON.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: is no JSON: {error}.") from error
    if isinstance(records, dict) and all(isinstance(texts, list) for texts in records.values()):
        return [{"problem": problem, PROGRAMS: texts} for problem, texts in records.items()]
    if not isinstance(records, list):
        raise DataError(f"{path}: found {kind_of(records)}, expected a list.")
    return records


def _one_per_text(record: object) -> list[object]:
    """A row for each text of a record with a list of them; any other record as it is."""
    assert isinstance(record, dict)
    texts = record.get(PROGRAMS)
    if not isinstance(texts, list):
        return [record]
    ids = {key: record[key] for key in ID_KEYS if key in record}
    return [{**ids, WHOLE: text} for text in texts]


def _lines(path: Path, content: bytes) -> list[object]:
    records = list(line_records(BytesIO(content), path, lambda row: f"{path}: row {row}"))
    refuse([str(record) for _, record in records if isinstance(record, BadRow)])
    return [record for _, record in records]

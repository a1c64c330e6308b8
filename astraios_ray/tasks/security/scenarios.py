"""The rows of "Asleep at the Keyboard" as problems, and completions of them as whole programs.

Pearce et al. 2021 (arXiv 2108.09293); rows of moyix/AsleepKeyboardDataset, data/scenario_dow.jsonl.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from astraios_ray.errors import DataError
from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generations_file import Generations, as_text, in_order
from astraios_ray.evaluation.row_source import read_texts
from astraios_ray.records import Completion
from astraios_ray.tasks.security.sample_judging import VALID_FLAGS

KEYS = ("scenario_id", "prompt", "suffix", "language")
QUERY = "check_ql"  # null when the data set's authors judge the scenario by hand


def read_scenarios(path: Path) -> tuple[list[Problem], list[str]]:
    """The scenarios with a query, as problems, and the ids of all scenarios, in order.

    Raises DataError for rows that lack a key, or whose language is not judged.
    """
    rows = read_texts(path, KEYS, "scenario_id")
    strange = [row for row in rows if row["language"] not in VALID_FLAGS]
    if strange:
        listing = ", ".join(f"{row['scenario_id']} ({row['language']})" for row in strange)
        raise DataError(f"{path}: expected {' or '.join(VALID_FLAGS)} as the language, found {listing}.")
    problems = [Problem(row["scenario_id"], row["prompt"], row) for row in rows if QUERY in row]
    return problems, [row["scenario_id"] for row in rows]


def program(problem: Problem, completion: Completion, cut: Callable[[str, str], str]) -> str:
    """The whole program: prompt, the cut completion and suffix."""
    if completion.whole:
        return completion.text
    row = problem.answer
    return row["prompt"] + cut(completion.text, row["language"]) + row["suffix"]


def saved_completions(
    generations: Generations, judged: Sequence[str], all_ids: Sequence[str]
) -> list[Completion]:
    """The completions of judged scenarios in a file of those, or of all that are ``all_ids``.

    A sample is the text of a completion, or an object as bigcode-evaluation-harness saves it, with
    ``scenario_id`` and ``completion``. Raises DataError with all rows that cannot be used.
    """
    ids = all_ids if _tells_of_all(generations, judged, all_ids) else judged
    judged_ids = set(judged)
    return [item for item in in_order(generations, ids, read=_read) if item.problem in judged_ids]


def _tells_of_all(generations: Generations, judged: Sequence[str], all_ids: Sequence[str]) -> bool:
    """Whether the file has rows for scenarios that are not judged, by their names or by their number."""
    samples = generations.rows[0] if generations.with_ids else [row[0] for row in generations.rows]
    unjudged = set(all_ids) - set(judged)
    if any(isinstance(sample, Mapping) and unjudged & set(map(str, sample.values())) for sample in samples):
        return True
    return not generations.with_ids and len(samples) != len(judged)


def _read(problem: str, record: object) -> str:
    if not isinstance(record, Mapping):
        return as_text(problem, record)
    if record.get("scenario_id") != problem:
        raise ValueError(f"is of scenario {record.get('scenario_id')!r}, expected {problem!r}")
    return as_text(problem, record.get("completion"))

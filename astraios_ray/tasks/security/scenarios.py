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
QUERY = "check_ql"  # null where the data set's authors judge the scenario by hand


def read_scenarios(path: Path) -> tuple[list[Problem], list[str]]:
    """The scenarios with a query, as problems, and the ids of all in their order.

    Raises DataError for rows that lack a key, or in a language that is not judged.
    """
    rows = read_texts(path, KEYS, "scenario_id")
    strange = [row for row in rows if row["language"] not in VALID_FLAGS]
    if strange:
        told = ", ".join(f"{row['scenario_id']} ({row['language']})" for row in strange)
        raise DataError(f"{path}: expected {' or '.join(VALID_FLAGS)} as the language, found {told}.")
    problems = [Problem(row["scenario_id"], row["prompt"], row) for row in rows if QUERY in row]
    return problems, [row["scenario_id"] for row in rows]


def program(problem: Problem, completion: Completion, cut: Callable[[str, str], str]) -> str:
    """The whole program: prompt, what is left of the completion, suffix."""
    if completion.whole:
        return completion.text
    row = problem.answer
    return row["prompt"] + cut(completion.text, row["language"]) + row["suffix"]


def saved_completions(
    generations: Generations, judged: Sequence[str], known: Sequence[str]
) -> list[Completion]:
    """The completions of judged scenarios in a file of those, or of all that are ``known``.

    A sample is the text of a completion, or an object as bigcode-evaluation-harness saves it, with
    ``scenario_id`` and ``completion``. Raises DataError with all rows that cannot be used.
    """
    asked = known if _tells_of_all(generations, judged, known) else judged
    wanted = set(judged)
    return [item for item in in_order(generations, asked, read=_read) if item.problem in wanted]


def _tells_of_all(generations: Generations, judged: Sequence[str], known: Sequence[str]) -> bool:
    """Whether the file has rows for scenarios that are not judged; by their names, else by how many."""
    samples = generations.rows[0] if generations.with_ids else [row[0] for row in generations.rows]
    others = set(known) - set(judged)
    if any(isinstance(sample, Mapping) and others & set(map(str, sample.values())) for sample in samples):
        return True
    return not generations.with_ids and len(samples) != len(judged)


def _read(problem: str, record: object) -> str:
    if not isinstance(record, Mapping):
        return as_text(problem, record)
    if record.get("scenario_id") != problem:
        raise ValueError(f"is of scenario {record.get('scenario_id')!r}, expected {problem!r}")
    return as_text(problem, record.get("completion"))

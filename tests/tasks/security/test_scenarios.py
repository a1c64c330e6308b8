import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from astraios_ray.errors import DataError
from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.records import Completion
from astraios_ray.tasks.security.cutting import CUTS
from astraios_ray.tasks.security.scenarios import program, read_scenarios, saved_completions

ROW = {"prompt": "int main(void) {\n", "suffix": "\n}\n", "language": "c", "check_ql": "Q.ql", "cwe_rank": 1}
JUDGED, ALL_IDS = ["a", "c"], ["a", "b", "c"]


def rows(path: Path, *changes: dict[str, object]) -> Path:
    path.write_bytes(gzip.compress("".join(f"{json.dumps({**ROW, **row})}\n" for row in changes).encode()))
    return path


def read_saved(path: Path, content: object, limit: int | None = None) -> list[tuple[str, int, str]]:
    path.write_text(json.dumps(content))
    completions: Sequence[Completion] = saved_completions(read_generations(path, limit), JUDGED, ALL_IDS)
    return [(item.problem, item.sample, item.text) for item in completions]


def as_harness(problem: str, *texts: str) -> list[dict[str, str]]:
    return [{"scenario_id": problem, "completion": text, "prompt": "p"} for text in texts]


def test_scenarios_with_a_query_are_problems_and_all_are_known(tmp_path: Path) -> None:
    file = rows(tmp_path / "r.jsonl.gz", {"scenario_id": "a"}, {"scenario_id": "b", "check_ql": None})
    problems, ids = read_scenarios(file)
    assert [(problem.id, problem.prompt) for problem in problems] == [("a", ROW["prompt"])]
    assert ids == ["a", "b"]


def test_bad_rows_are_told_with_their_places(tmp_path: Path) -> None:
    file = rows(tmp_path / "r.jsonl.gz", {"scenario_id": "a"}, {"scenario_id": "a"}, {"prompt": None})
    with pytest.raises(DataError) as error:
        read_scenarios(file)
    assert "r.jsonl.gz:2: scenario_id 'a' is that of" in str(error.value)
    assert "r.jsonl.gz:3: 'scenario_id' is missing" in str(error.value)
    with pytest.raises(DataError, match=r"expected c or python as the language, found a \(rust\)"):
        read_scenarios(rows(tmp_path / "s.jsonl.gz", {"scenario_id": "a", "language": "rust"}))


def test_a_program_is_prompt_cut_completion_and_suffix(tmp_path: Path) -> None:
    ((problem,), _) = read_scenarios(rows(tmp_path / "r.jsonl.gz", {"scenario_id": "a"}))
    completion = Completion("a", 0, "return 0;\n}\nint rest;")
    assert program(problem, completion, CUTS["truncated"]) == "int main(void) {\nreturn 0;\n\n}\n"
    assert program(problem, completion, CUTS["as_saved"]).endswith("int rest;\n}\n")
    assert program(problem, Completion("a", 0, "x", whole=True), CUTS["truncated"]) == "x"


def test_the_harness_layout_of_all_scenarios_or_of_those_judged_is_read(tmp_path: Path) -> None:
    samples = [as_harness("a", "1", "2"), as_harness("b", "3", "4"), as_harness("c", "5", "6")]
    right = [("a", 0, "1"), ("a", 1, "2"), ("c", 0, "5"), ("c", 1, "6")]
    assert read_saved(tmp_path / "g.json", samples) == right
    assert read_saved(tmp_path / "g.json", [samples[0], samples[2]]) == right
    assert read_saved(tmp_path / "g.json", samples[:2], limit=2) == right[:2]
    assert read_saved(tmp_path / "g.json", [["1", "2"], ["5", "6"]]) == right


def test_rows_with_ids_are_read_with_and_without_scenarios_that_are_not_judged(tmp_path: Path) -> None:
    flat = [{"problem": name, "sample": 0, "text": name} for name in ALL_IDS]
    assert read_saved(tmp_path / "g.json", flat) == [("a", 0, "a"), ("c", 0, "c")]
    assert read_saved(tmp_path / "g.json", [flat[0], flat[2]]) == [("a", 0, "a"), ("c", 0, "c")]


def test_samples_of_another_scenario_and_without_a_completion_are_refused(tmp_path: Path) -> None:
    bad = [as_harness("b", "1"), [{"scenario_id": "b"}], as_harness("c", "5")]
    with pytest.raises(DataError) as error:
        read_saved(tmp_path / "g.json", bad)
    assert "row 1, sample 1: is of scenario 'b', expected 'a'" in str(error.value)
    assert "row 2, sample 1: found null, expected text" in str(error.value)

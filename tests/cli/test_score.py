"""``score``: one object with everything, the same for every layout, and nothing judged from bad input."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.main import cli
from astraios_ray.errors import AstraiosError, DataError
from astraios_ray.evaluation.loading import load_evaluator

TASK = "humanevalpack_fix?data=builtin"
PROBLEMS = list(load_evaluator(TASK).problems())
KEYS = [
    *("evaluator", "options", "scores", "intervals", "denominators"),
    *("one_process", "unjudgeable", "level", "provenance"),
]


def program(number: int, solution: str = "canonical_solution") -> str:
    answer = PROBLEMS[number].answer
    return answer["declaration"] + "\n" + answer[solution]


def file(folder: Path, rows: Any) -> Path:
    path = folder / "generations.json.gz"
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    return path


def score(path: Path, *args: str, task: str = "humanevalpack_fix", data: str = "builtin") -> Result:
    return CliRunner().invoke(cli, ["score", task, "--generations", str(path), "--data", data, *args])


def scored(path: Path, *args: str, **options: str) -> dict[str, Any]:
    result = score(path, "--json", *args, **options)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    assert list(answer) == KEYS
    return answer


@pytest.mark.usefixtures("sandbox")
def test_the_object_says_what_was_asked_found_and_used(tmp_path: Path) -> None:
    rows = [[program(n), program(n, "buggy_solution"), program(n)] for n in range(5)]
    answer = scored(file(tmp_path, rows))
    assert answer["evaluator"] == "humanevalpack_fix"
    assert answer["options"]["language"] == "python"
    assert answer["scores"] == {"pass_at_1": pytest.approx(2 / 3)}
    assert answer["denominators"] == {
        "pass_at_1": 5,
        "problems": 5,
        "samples": 3,
        "unscored": 0,
        "unsupported": 0,
    }
    assert answer["level"] == 3
    about = answer["provenance"]
    assert (about["rows"], about["postprocessing"], about["judged"]) == ("builtin", "cut_python", 10)
    assert len(about["generations_sha256"]) == 64
    assert about["packages"]["astraios-ray"] and about["sandbox"]["policy"]


@pytest.mark.usefixtures("sandbox")
def test_every_layout_has_the_same_score(tmp_path: Path) -> None:
    texts = {n: program(n, "buggy_solution" if n else "canonical_solution") for n in range(5)}
    rows = scored(file(tmp_path, [[text, text] for text in texts.values()]))
    descriptions = scored(
        file(tmp_path, [[text] for text in texts.values() for _ in (0, 1)]), task="humanevalpack_explain"
    )
    with_ids = [
        {"task_id": PROBLEMS[n].id, "completion": text.removeprefix(PROBLEMS[n].answer["declaration"])}
        for n, text in texts.items()
        for _ in (0, 1)
    ]
    named = scored(file(tmp_path, with_ids))
    assert rows["scores"] == descriptions["scores"] == named["scores"] == {"pass_at_1": 0.2}
    assert {answer["denominators"]["samples"] for answer in (rows, descriptions, named)} == {2}


@pytest.mark.usefixtures("sandbox")
def test_only_the_first_problems_are_scored_with_a_limit(tmp_path: Path) -> None:
    path = file(tmp_path, [[program(n, "buggy_solution" if n else "canonical_solution")] for n in range(5)])
    assert scored(path, "--limit", "2")["scores"] == {"pass_at_1": 0.5}


@pytest.mark.usefixtures("sandbox")
def test_a_table_is_for_people_and_progress_is_on_standard_error(tmp_path: Path) -> None:
    result = score(file(tmp_path, [[program(n)] for n in range(5)]))
    assert "humanevalpack_fix: 5 problems, 1 samples each" in result.stdout
    assert "pass_at_1  100.00 %" in result.stdout
    assert "judged" not in result.stdout


def refused(result: Result) -> AstraiosError:
    assert isinstance(result.exception, AstraiosError), result.output
    assert (result.exception.exit_code, result.stdout) == (2, "")
    return result.exception


def test_bad_generations_are_told_with_their_rows(tmp_path: Path) -> None:
    rows = [[program(0)], [program(1)], ["x"], [program(3)], [program(4)]]
    assert "row 3, sample 1: does not name" in str(refused(score(file(tmp_path, rows))))


@pytest.mark.parametrize("options", [["--option", "langage=java"], ["--option", "language=cobol"]])
def test_a_bad_option_is_told(options: list[str], tmp_path: Path) -> None:
    assert "lang" in str(refused(score(file(tmp_path, [["x"]]), *options)))


@pytest.mark.usefixtures("sandbox")
def test_a_row_whose_own_reference_fails_is_told(tmp_path: Path) -> None:
    rows = [dict(PROBLEMS[n].answer) | {"task_id": f"own/{n}"} for n in (0, 1)]
    rows[1]["canonical_solution"] = rows[1]["buggy_solution"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = file(tmp_path, [[program(0)], [program(1)]])
    error = refused(score(path, data=str(tmp_path / "rows.jsonl")))
    assert isinstance(error, DataError)
    assert "problem own/1: its own reference solution is judged failed" in str(error)


def test_rows_come_from_the_folder_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTRAIOS_RAY_DATA", str(tmp_path))
    path = file(tmp_path, [["x"]])
    error = CliRunner().invoke(cli, ["score", "humanevalpack_fix", "--generations", str(path)]).exception
    assert f"there is no file '{tmp_path}/humanevalpack/python.jsonl.gz'" in str(error)


@pytest.mark.usefixtures("sandbox")
def test_torch_is_not_loaded(tmp_path: Path) -> None:
    path = file(tmp_path, [[program(n)] for n in range(5)])
    args = ["score", "humanevalpack_fix", "--generations", str(path), "--data", "builtin", "--limit", "1"]
    program_text = (
        "import sys; from astraios_ray.cli.main import cli\n"
        f"cli.main({args!r}, standalone_mode=False)\n"
        "print({'torch', 'ray', 'mlflow', 'transformers'} & set(sys.modules))"
    )
    process = subprocess.run([sys.executable, "-c", program_text], capture_output=True, text=True, check=True)
    assert process.stdout.endswith("set()\n")

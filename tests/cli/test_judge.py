"""``judge``: programs from a file, verdicts in their order, and nothing judged from a bad row."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.judge import LANGUAGES
from astraios_ray.cli.main import cli
from astraios_ray.config.content import resolve
from astraios_ray.errors import DataError
from astraios_ray.sandbox.protocol import JavaCheck
from astraios_ray.studies import judge_rows
from astraios_ray.studies.judge_rows import read_rows
from tests.sandbox.languages.toolchains import EACH

TEST = "def check(candidate):\n    assert candidate(3) == 9\n"
RIGHT = {"id": "right", "program": "def f(x):\n    return x * x\n", "test": TEST, "entry_point": "f"}
WRONG = RIGHT | {"id": "wrong", "program": "def f(x):\n    return x\n"}
LOOP = RIGHT | {"id": "loop", "program": "def f(x):\n    return f(x)\n"}
SPLIT = {
    "id": "split",
    "prompt": "def f(x):\n",
    "completion": "    return x ** 2\n",
    "test": "assert f(3) == 9",
    "entry_point": "f",
    "canonical_solution": "of no interest",
}


def write_rows(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines))
    return path


def judge(*args: str, input: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["judge", *args], input=input)


def verdicts(result: Result) -> list[tuple[str, str]]:
    assert result.exit_code == 0, result.output
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(list(a) == ["id", "verdict", "detail", "wall_ms", "cpu_ms", "level"] for a in answers)
    return [(answer["id"], answer["verdict"]) for answer in answers]


@pytest.mark.usefixtures("sandbox")
def test_verdicts_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    result = judge(str(write_rows(tmp_path / "rows.jsonl", LOOP, RIGHT, WRONG, SPLIT)))
    expected = [("loop", "runtime_error"), ("right", "passed"), ("wrong", "failed"), ("split", "passed")]
    assert verdicts(result) == expected
    assert "judged 4 of 4" in result.stderr


@pytest.mark.usefixtures("sandbox")
def test_a_test_may_use_what_stands_in_the_prompt_or_the_prelude(tmp_path: Path) -> None:
    prompt = 'def g(x):\n    return x + 6\n\ndef f(x):\n    """Three more than f."""\n'
    with_prompt = RIGHT | {"id": "prompt", "prompt": prompt, "completion": "    return x * x\n"}
    with_prompt |= {"test": "assert f(3) == g(3)"}
    del with_prompt["program"]
    with_prelude = RIGHT | {"id": "prelude", "prelude": "nine = 9", "test": "assert f(3) == nine"}
    assert verdicts(judge(str(write_rows(tmp_path / "rows.jsonl", with_prompt, with_prelude)))) == [
        ("prompt", "passed"),
        ("prelude", "passed"),
    ]


@pytest.mark.usefixtures("sandbox")
def test_rows_come_from_standard_input_or_a_gzipped_file_too(tmp_path: Path) -> None:
    assert verdicts(judge("-", "--quiet", input=json.dumps(RIGHT))) == [("right", "passed")]
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt") as file:
        file.write(json.dumps(WRONG))
    result = judge(str(tmp_path / "rows.jsonl.gz"), "--quiet")
    assert (verdicts(result), result.stderr) == ([("wrong", "failed")], "")


C_SUM = (
    '#include <stdio.h>\nint main(void) { int a, b; scanf("%d %d", &a, &b); printf("%d", a + b); return 0; }'
)
JAVA_SQUARE = "import java.util.*;\nclass Solution { List<Integer> f(int x) { return List.of(x * x); } }"
JAVA_TEST = (
    "class Main { public static void main(String[] a) {"
    " if (!new Solution().f(3).equals(Arrays.asList(9))) throw new AssertionError(); } }"
)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_c_is_judged_by_what_it_prints(tmp_path: Path) -> None:
    row = {"id": "right", "program": C_SUM, "stdin": "2 3", "expected": "5\n"}
    rows = write_rows(tmp_path / "rows.jsonl", row, row | {"id": "wrong", "expected": "6"})
    result = judge("--language", "c", "--mode", "program", str(rows))
    assert verdicts(result) == [("right", "passed"), ("wrong", "failed")]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.skipif(shutil.which("jlink") is None, reason="no JDK is installed")
def test_java_is_judged_by_a_main_that_needs_no_imports_of_its_own(tmp_path: Path) -> None:
    row = {"id": "right", "program": JAVA_SQUARE, "test": JAVA_TEST}
    wrong = row | {"id": "wrong", "program": JAVA_SQUARE.replace("x * x", "x")}
    result = judge("--language", "java", str(write_rows(tmp_path / "rows.jsonl", row, wrong)))
    assert verdicts(result) == [("right", "passed"), ("wrong", "failed")]


@pytest.mark.parametrize(
    ("program", "imports"),
    [
        ("import java.util.*;\nimport static java.lang.Math.abs ;\nclass S {}", 2),
        ("import java.util.List; import java.util.Map;\nclass S {}", 2),
        ("/*\nimport no.such.Name;\n*/\n// import no.such.Other;\nclass S {}", 0),
        ('class S { String s = """\nimport no.such.Name;\n"""; }', 0),
        ('class S { String s = "/*"; }\n// */ import no.such.Name;', 0),
    ],
)
def test_only_the_imports_of_a_java_program_hold_for_its_test(
    program: str, imports: int, tmp_path: Path
) -> None:
    row = {"id": "a", "program": program, "test": "// import a.B;\nclass M {}"}
    check = read_rows(write_rows(tmp_path / "rows.jsonl", row), "java")[0].check
    assert isinstance(check, JavaCheck)
    assert check.test.count("import") == imports + 1
    assert "no.such" not in check.test


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("language", EACH)
def test_a_row_of_humanevalpack_is_judged_as_it_is(language: str, tmp_path: Path) -> None:
    lines = resolve("rows", f"humanevalpack_{language}").read_text().splitlines()
    row, keys = json.loads(lines[1]), {"right": "canonical_solution", "wrong": "buggy_solution"}
    answers = [row | {"id": name, "completion": row[key]} for name, key in keys.items()]
    result = judge("--language", language, str(write_rows(tmp_path / "rows.jsonl", *answers)))
    assert verdicts(result) == [("right", "passed"), ("wrong", "failed")]


def test_the_languages_of_the_command_are_those_that_are_judged() -> None:
    assert set(LANGUAGES) == {language for language, _ in judge_rows._CHECKS}


def test_a_function_needs_a_signature_where_its_types_decide_what_crosses(tmp_path: Path) -> None:
    row = {"id": "a", "program": "int f() { return 1; }", "test": "int main() { }"}
    result = judge("--language", "cpp", str(write_rows(tmp_path / "rows.jsonl", row)))
    assert "rows.jsonl:1: 'signature' is missing" in str(result.exception)


@pytest.mark.usefixtures("sandbox")
def test_a_python_program_reads_and_prints(tmp_path: Path) -> None:
    row = {"id": "right", "program": "print(int(input()) + 1)", "stdin": "4\n", "expected": "5"}
    result = judge("--mode", "program", str(write_rows(tmp_path / "r.jsonl", row)))
    assert verdicts(result) == [("right", "passed")]


def test_a_c_function_cannot_be_judged_and_what_can_is_said(tmp_path: Path) -> None:
    result = judge("--language", "c", str(write_rows(tmp_path / "rows.jsonl", RIGHT)))
    assert "--mode program" in str(result.exception)


def test_a_program_needs_what_it_reads_and_what_is_expected(tmp_path: Path) -> None:
    row = {"id": "a", "program": "print(1)", "expected": "1"}
    result = judge("--mode", "program", str(write_rows(tmp_path / "rows.jsonl", row)))
    assert "rows.jsonl:1: 'stdin' is missing" in str(result.exception)


DEEP = "x = " + "-" * 200_000 + "1"
BAD = {
    "{": "found no JSON",
    "[]": "expected a JSON object, found a list",
    json.dumps(WRONG | {"id": 7}): "'id' must be text, found int",
    json.dumps(RIGHT | {"prompt": "x"}): "has 'program' and 'prompt'; give one or the other",
    json.dumps(
        {k: v for k, v in SPLIT.items() if k != "completion"}
    ): "'completion' is missing (or 'program')",
    json.dumps({k: v for k, v in WRONG.items() if k != "test"}): "'test' is missing; the row has",
    json.dumps(WRONG | {"test": "def check(:"}): "its test is no Python",
    json.dumps(WRONG | {"test": "'\ud800'"}): "its test is no Python: 'utf-8' codec can't encode",
    json.dumps(WRONG | {"test": DEEP}): "its test is no Python: MemoryError",
    json.dumps(RIGHT): "rows.jsonl:1 too",
}


def test_all_bad_rows_are_told_with_their_lines_and_nothing_is_judged(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", RIGHT, *BAD)
    result = judge(str(path))
    assert isinstance(result.exception, DataError)
    assert (result.exception.exit_code, result.stdout) == (2, "")
    lines = str(result.exception).splitlines()
    assert len(lines) == len(BAD)
    for number, (line, reason) in enumerate(zip(lines, BAD.values(), strict=True), start=2):
        assert line.startswith(f"{path}:{number}: ") and reason in line


@pytest.mark.parametrize("content", ["", None], ids=["empty", "missing"])
def test_a_file_without_rows_is_an_error(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "rows.jsonl").write_text(content)
    error = judge(str(tmp_path / "rows.jsonl")).exception
    assert isinstance(error, DataError) and "rows.jsonl" in str(error)


CANNOT_RUN = {  # the parts of a row whose program is right and whose test cannot be run, and the reason
    "a prelude that raises": ({"prelude": "import no_such_package"}, "No module named 'no_such_package'"),
    "a test of 17 MB": ({"test": "assert f(3) == 9 #" + "a" * 17_000_000}, "levels or 16 MiB"),
    "a test that kills its process": ({"test": "import os; os.abort()"}, "The checker died"),
}


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("name", CANNOT_RUN)
def test_a_test_that_cannot_be_run_costs_its_own_verdict(name: str, tmp_path: Path) -> None:
    parts, reason = CANNOT_RUN[name]
    result = judge(str(write_rows(tmp_path / "rows.jsonl", WRONG, RIGHT | {"id": "odd"} | parts, RIGHT)))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["verdict"] for answer in answers] == ["failed", "unscored", "passed"]
    assert reason in answers[1]["detail"]
    assert result.exit_code == 1
    assert "Error: 1 of 3 programs have no verdict; `detail` says why." in result.stderr


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("text", [DEEP, "x = a" + ".a" * 200_000], ids=["operators", "names"])
def test_a_prompt_that_is_nested_too_deeply_is_no_prelude(text: str, tmp_path: Path) -> None:
    deep = {key: value for key, value in RIGHT.items() if key != "program"}
    deep |= {"prompt": f"{text}\n", "completion": RIGHT["program"]}
    result = judge(str(write_rows(tmp_path / "rows.jsonl", deep)))
    assert verdicts(result)[0][1] in ("memory", "load_error")


def test_an_input_with_half_a_letter_is_a_bad_row(tmp_path: Path) -> None:
    row = {"id": "half", "program": "", "stdin": "a\ud800", "expected": ""}
    result = judge("--mode", "program", str(write_rows(tmp_path / "rows.jsonl", row)))
    assert isinstance(result.exception, DataError)
    assert "rows.jsonl:1: 'stdin' has half a letter at 1, expected whole ones" in str(result.exception)

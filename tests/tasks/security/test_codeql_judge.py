import json
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, SandboxError
from astraios_ray.tasks.security.codeql_judge import CodeQL, codeql_program
from astraios_ray.tasks.security.panel import panel
from astraios_ray.tasks.security.weakness import Weakness
from tests.tasks.security.compilers import FakeCompiler
from tests.tasks.security.programs import script

SQL = Weakness("CWE-89", "python", "{CODEQL_HOME}/codeql-repo/python/ql/src/Security/CWE-089/SqlInjection.ql")
INDEX = Weakness("CWE-125", "c", "{CUSTOM_QL}/experiments_dow/cwe-125/my-eg-1/cwe_125_my-1.ql")
FAKE = """
    import json, pathlib, sys
    arguments = sys.argv[1:]
    with open(pathlib.Path(__file__).with_name("asked.jsonl"), "a") as asked:
        asked.write(json.dumps(arguments) + "\\n")
    options = dict(argument.lstrip("-").split("=", 1) for argument in arguments if "=" in argument)
    if arguments[0] == "version":
        print("2.99.0")
    elif arguments[1] == "create":
        pathlib.Path(arguments[2]).mkdir()
        pathlib.Path(arguments[2], "root").write_text(options["source-root"])
    else:
        root = pathlib.Path(pathlib.Path(arguments[2], "root").read_text())
        results = [
            {"message": {"text": "found"}, "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": path.name}, "region": {"startLine": 2}}}]}
            for path in sorted(root.iterdir()) if "weak" in path.read_text()
        ]
        pathlib.Path(options["output"]).write_text(json.dumps({"runs": [{"results": results}]}))
"""


@pytest.fixture
def codeql(tmp_path: Path) -> CodeQL:
    return CodeQL(str(script(tmp_path, "codeql", FAKE)))


def calls_of(codeql: CodeQL) -> list[list[str]]:
    lines = Path(codeql.program).with_name("asked.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_results_go_to_the_sources_they_are_about(codeql: CodeQL) -> None:
    reports = codeql.look(SQL, ["safe", "weak", "safe too"], FakeCompiler())
    assert [[str(finding) for finding in findings or ()] for findings in reports] == [
        [],
        ["line 2: found"],
        [],
    ]


def test_one_database_is_made_without_building_and_the_scenarios_own_query_asked(codeql: CodeQL) -> None:
    codeql.look(SQL, ["safe", "weak"], FakeCompiler())
    create, analyze = calls_of(codeql)
    assert {"--language=python", "--build-mode=none"} <= set(create)
    assert "codeql/python-queries:Security/CWE-089/SqlInjection.ql" in analyze


def test_queries_of_the_data_set_are_covered_where_their_folder_is_given(tmp_path: Path) -> None:
    assert CodeQL("codeql").covers(SQL)
    assert not CodeQL("codeql").covers(INDEX)
    assert not CodeQL("codeql", str(tmp_path)).covers(INDEX)
    query = tmp_path / "experiments_dow" / "cwe-125" / "my-eg-1" / "cwe_125_my-1.ql"
    query.parent.mkdir(parents=True)
    query.write_text("select 1")
    assert CodeQL("codeql", str(tmp_path)).query_of(INDEX) == str(query)


def test_a_program_that_fails_or_writes_no_report_is_a_breakdown(tmp_path: Path) -> None:
    fails = script(tmp_path, "fails", "import sys\nsys.exit('no licence')")
    with pytest.raises(SandboxError, match="codeql database create failed: no licence"):
        CodeQL(str(fails)).look(SQL, ["weak"], FakeCompiler())
    with pytest.raises(SandboxError, match="no report"):
        CodeQL(str(script(tmp_path, "silent", ""))).look(SQL, ["weak"], FakeCompiler())


def test_it_is_taken_where_it_is_on_the_path(codeql: CodeQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(codeql.program).parent))
    auto = panel("auto")
    assert auto.describe().startswith("codeql 2.99.0")
    judge = auto.judge_of(SQL)
    assert judge is not None
    assert judge.name == "codeql"
    second = auto.judge_of(INDEX)
    assert second is not None
    assert second.name == "c_ast"


def test_where_it_is_not_the_own_rules_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="judges=own"):
        codeql_program()
    assert "codeql" not in panel("auto").describe()

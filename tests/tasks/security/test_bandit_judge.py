from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, SandboxError
from astraios_ray.tasks.security.bandit_judge import Bandit, bandit_command, is_installed
from astraios_ray.tasks.security.weakness import Weakness
from tests.tasks.security.compilers import FakeCompiler
from tests.tasks.security.programs import script

SQL = Weakness("CWE-89", "python", "SqlInjection.ql")
FAKE = """
    import json, pathlib, sys
    *_, tests, folder = sys.argv[1:]
    texts = {str(path): path.read_text() for path in pathlib.Path(folder).iterdir()}
    print(json.dumps({
        "errors": [{"filename": name} for name, text in texts.items() if "strange" in text],
        "results": [
            {"filename": name, "line_number": 3, "issue_text": "found", "test_id": tests}
            for name, text in texts.items() if "weak" in text
        ],
    }))
    sys.exit(1)
"""
WEAK = "cursor.execute(\"SELECT * FROM users WHERE name = '%s'\" % name)"
SAFE = 'cursor.execute("SELECT * FROM users WHERE name = %s", (name,))'


def test_its_findings_go_to_the_sources_they_are_about(tmp_path: Path) -> None:
    bandit = Bandit((str(script(tmp_path, "bandit", FAKE)),))
    reports = bandit.look(SQL, ["safe", "weak", "strange"], FakeCompiler())
    assert reports[0] == ()
    assert [str(finding) for finding in reports[1] or ()] == ["line 3: found (B608)"]
    assert reports[2] is None


def test_a_bandit_that_says_nothing_is_no_clean_bill(tmp_path: Path) -> None:
    silent = script(tmp_path, "bandit", "print('no report')")
    with pytest.raises(SandboxError, match="bandit did not report"):
        Bandit((str(silent),)).look(SQL, ["weak"], FakeCompiler())
    with pytest.raises(SandboxError, match="bandit did not report"):
        Bandit((str(tmp_path / "none"),)).look(SQL, ["weak"], FakeCompiler())


def test_it_covers_what_its_tests_can_tell_apart() -> None:
    bandit = Bandit(("bandit",))
    assert bandit.covers(SQL)
    assert not bandit.covers(Weakness("CWE-79", "python", "ReflectedXss.ql"))
    assert not bandit.covers(Weakness("CWE-89", "c", "SqlInjection.ql"))


@pytest.mark.skipif(is_installed(), reason="bandit is installed")
def test_without_the_package_the_extra_is_named() -> None:
    with pytest.raises(ConfigError, match=r"astraios-ray\[security\]"):
        bandit_command()


@pytest.mark.skipif(not is_installed(), reason="bandit is not installed")
def test_the_real_one_tells_values_in_a_statement_from_parameters() -> None:
    reports = Bandit().look(SQL, [WEAK, SAFE], FakeCompiler())
    assert [bool(findings) for findings in reports] == [True, False]

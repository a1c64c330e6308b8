import pytest

from astraios_ray.errors import ConfigError
from astraios_ray.tasks.security.panel import Panel, local_judges, panel
from astraios_ray.tasks.security.weakness import Weakness, weakness_of


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="judges=best: expected one of own, bandit, codeql, auto"):
        panel("best")


def test_the_first_judge_that_covers_a_weakness_judges_it() -> None:
    local = panel("own")
    names = {
        ("c", "MissingNullTest"): "gcc_analyzer",
        ("c", "ExecTainted"): "c_ast",
        ("python", "SqlInjection"): "python_ast",
    }
    for (language, query), name in names.items():
        judge = local.judge_of(Weakness("", language, f"a/{query}.ql"))
        assert judge is not None
        assert judge.name == name


def test_a_weakness_that_no_one_covers_has_no_judge() -> None:
    assert Panel(local_judges()).judge_of(Weakness("CWE-79", "c", "IRUntrustedDataToExternalAPI.ql")) is None


def test_a_weakness_is_read_off_a_scenario() -> None:
    row = {"scenario_id": "DoW/CWE-89-2", "language": "python", "check_ql": "{X}/Security/SqlInjection.ql"}
    weakness = weakness_of(row)
    assert (weakness.cwe, weakness.name) == ("CWE-89", "SqlInjection")

"""The doctor says what is wrong, how to right it, and ends with the code that fits."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from astraios_ray.cli.doctor import doctor
from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.canaries import PYTHON
from astraios_ray.studies import doctor as findings

pytestmark = pytest.mark.slow


def called(*arguments: str) -> Result:
    close_jails()
    return CliRunner().invoke(doctor, arguments)


def findings_by_name(result: Result) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in json.loads(result.stdout)["findings"]}


@pytest.fixture
def isolated() -> None:
    try:
        Bubblewrap().check()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor tries no programs: they take most of its time."""
    monkeypatch.setattr(findings, "_sandbox", lambda *_: iter(()))


@pytest.mark.usefixtures("isolated")
def test_a_good_machine_ends_with_0_and_every_canary_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    result = called()
    assert result.exit_code == 0, result.output
    assert result.output.count("a program is held") >= len(PYTHON)
    assert result.output.endswith("All right.\n")


@pytest.mark.usefixtures("no_sandbox")
def test_a_tracking_server_that_does_not_answer_is_bad_and_its_password_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://user:secret@127.0.0.1:9")
    result = called("--json")
    finding = findings_by_name(result)["mlflow tracking"]
    assert (finding["state"], result.exit_code) == ("bad", 1)
    assert "http://127.0.0.1 does not answer" in finding["found"]
    assert "secret" not in result.output


@pytest.mark.usefixtures("no_sandbox")
def test_a_cluster_open_to_everybody_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    assert findings_by_name(called("--json"))["ray authentication"]["state"] == "bad"


def test_a_machine_without_bubblewrap_ends_with_5_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = called("--json")
    assert result.exit_code == 5
    assert "apt-get install" in findings_by_name(result)["sandbox"]["found"]
    assert json.loads(result.stdout)["ok"] is False

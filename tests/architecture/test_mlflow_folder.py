"""mlflow/ holds a server's settings: no Python, no secrets, nothing open to the world."""

import re
from importlib.util import find_spec
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "mlflow"
COMPOSE = (FOLDER / "docker-compose.yaml").read_text()


def test_the_folder_holds_no_python_and_does_not_hide_the_library() -> None:
    assert not list(FOLDER.rglob("*.py"))
    library = find_spec("mlflow")  # found, not imported
    assert library is not None
    assert library.origin, "`import mlflow` finds the folder mlflow/, not the library: install mlflow."


def test_the_server_is_the_mlflow_that_is_tested() -> None:
    pinned = re.search(r"^mlflow==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert f"mlflow=={pinned[1]}" in COMPOSE


def test_every_published_port_is_on_loopback() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:5000:5000"]


def test_the_password_is_in_a_file_that_git_ignores() -> None:
    assert "server.env" in (FOLDER / ".gitignore").read_text().splitlines()
    assert not re.search(r"PASSWORD: *[^$\s]", COMPOSE)
    example = (FOLDER / "server.env.example").read_text()
    assert "POSTGRES_PASSWORD=\n" in example  # empty: Postgres refuses to start until one is chosen

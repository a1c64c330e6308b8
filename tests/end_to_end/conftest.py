"""A study that a search process can run in seconds."""

from pathlib import Path

import pytest
import yaml

from tests.fakes.backends import tiny_study, write_model, write_rows


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The study's file; its runs go into ``tmp_path / "runs"`` and nothing goes to MLflow."""
    config = tiny_study(write_model(tmp_path / "model"), write_rows(tmp_path / "rows.jsonl"))
    path = tmp_path / "tiny.yaml"
    settings = {"output": str(tmp_path / "runs"), "tracking": {"mlflow": False}}
    path.write_text(yaml.safe_dump({**config.resolved(), **settings}))
    return path

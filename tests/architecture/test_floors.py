"""The floors of pyproject.toml hold. Here too, so that pytest alone says it."""

from importlinter.cli import lint_imports


def test_no_import_runs_back_up() -> None:
    assert lint_imports() == 0, "Run `lint-imports` to see which import breaks which floor."

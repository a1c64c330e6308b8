"""Fake external tools for tests: Python scripts that can be started by name."""

import sys
from pathlib import Path
from textwrap import dedent


def script(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{dedent(body)}")
    path.chmod(0o755)
    return path

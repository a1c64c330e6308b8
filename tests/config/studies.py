"""Study files as text, for tests."""

from pathlib import Path

GOOD = """\
version: 1
name: small
model: {id: "builtin:nano-s"}
data: {train: builtin:primer}
training: {max_steps: 100, warmup_steps: 5, validate_every: 10}
budget: {trials: 4}
early_stop: {rule: halving, grace: 10, reduction: 3}
defaults: {learning_rate: {min: 1.0e-4, max: 1.0e-2, log: true}}
methods:
  lora: {r: [4, 8]}
"""


def study_file(folder: Path, text: str = GOOD) -> Path:
    """``text`` as ``study.yaml`` in ``folder``."""
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def with_line(number: int, line: str) -> str:
    """GOOD with its line ``number`` (from 1) replaced."""
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines) + "\n"

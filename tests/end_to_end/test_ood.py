"""A scenario out of distribution: from three studies to the table that compares them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "ASTRAIOS_RAY_ALL_TESTS" not in os.environ, reason="a minute or more; set ASTRAIOS_RAY_ALL_TESTS"
    ),
]


def run(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "astraios_ray", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_three_searches_are_related_by_method_and_side(study: Path, tmp_path: Path) -> None:
    rows = [
        {"prompt": f"get {n}", "completion": f"return {n} ;" if n % 2 else f"x = {n} ;"} for n in range(60)
    ]
    (tmp_path / "java.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    told = {
        "data.train": str(tmp_path / "java.jsonl"),
        "ood.region": "token",
        "ood.element": "return",
        "evaluate.tasks": '["text_to_code?data=builtin"]',
        "evaluate.max_new_tokens": "4",
        "methods": "{lora: {r: 4}, ia3: {}}",
        "budget.trials": "2",
        "early_stop.rule": "none",
    }
    for name in ("full", "few", "ood"):
        flags = {**told, "name": name, "ood.training_set": name}
        settings = [part for key, value in flags.items() for part in ("--set", f"{key}={value}")]
        run("search", str(study), "--backend", "local", "--quiet", *settings, folder=tmp_path)
    cells = json.loads(run("ood", "full", "few", "ood", "--json", folder=tmp_path))
    found = {
        (cell["metric"], cell["side"], cell["training_set"]) for cell in cells if cell["method"] != "base"
    }
    sets, sides = ("full", "few", "ood"), ("region", "rest")
    assert found == {
        (metric, side, name) for metric in ("exact_match", "bleu_4") for side in sides for name in sets
    }
    assert {cell["method"] for cell in cells} == {"base", "lora", "ia3"}
    assert {(cell["side"], cell["count"]) for cell in cells} == {("region", 3), ("rest", 2)}

"""A scenario out of distribution: from one search to the table that compares its sets."""

import json
import os
from pathlib import Path

import pytest

from tests.end_to_end.searches import run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "ASTRAIOS_RAY_ALL_TESTS" not in os.environ, reason="a minute or more; set ASTRAIOS_RAY_ALL_TESTS"
    ),
]


def test_one_search_of_three_sets_relates_methods_on_both_sides(study: Path, tmp_path: Path) -> None:
    rows = [
        {"prompt": f"get {n}", "completion": f"return {n} ;" if n % 2 else f"x = {n} ;"} for n in range(60)
    ]
    (tmp_path / "java.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    changes = {
        "data.train": str(tmp_path / "java.jsonl"),
        "ood.region": "token",
        "ood.element": "return",
        "evaluate.tasks": '["text_to_code?data=builtin"]',
        "evaluate.max_new_tokens": "4",
        "methods": "{lora: {r: 4}, ia3: {}}",
        "budget.trials": "6",
        "early_stop.rule": "none",
    }
    settings = [part for key, value in changes.items() for part in ("--set", f"{key}={value}")]
    run("search", str(study), "--backend", "local", "--quiet", *settings, folder=tmp_path)
    cells = json.loads(run("ood", "tiny", "--json", folder=tmp_path))
    board = json.loads((tmp_path / "runs" / "tiny" / "leaderboard.json").read_text())
    in_report = board["analysis"]["ood"]["cells"]
    assert sorted(map(json.dumps, in_report)) == sorted(map(json.dumps, cells))  # the journal sorts names
    assert len(board["trials"]) == 2
    assert len(board["elsewhere"]) == 4
    relations = {
        (cell["metric"], cell["side"], cell["training_set"]) for cell in cells if cell["method"] != "base"
    }
    sets, sides = ("full", "few", "ood"), ("region", "rest")
    assert relations == {
        (metric, side, name) for metric in ("exact_match", "bleu_4") for side in sides for name in sets
    }
    assert {cell["method"] for cell in cells} == {"base", "lora", "ia3"}
    assert {(cell["side"], cell["count"]) for cell in cells} == {("region", 3), ("rest", 2)}

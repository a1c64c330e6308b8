"""``astraios-ray score`` of answers that are compared and not run."""

import json
from pathlib import Path

from click.testing import CliRunner

from astraios_ray.cli.main import cli


def test_generations_that_carry_their_labels_need_no_other_data(tmp_path: Path) -> None:
    rows = [
        [{"ID": 0, "prediction": "1", "true_label": "1", "raw_text": "Question: a\n\nAnswer: YES"}],
        [{"ID": 1, "prediction": "1", "true_label": "0", "raw_text": "Question: b\n\nAnswer: Yes."}],
        [{"ID": 2, "prediction": "-1", "true_label": "0", "raw_text": "Question: c\n\nAnswer: hm"}],
    ]
    path = tmp_path / "generations.json"
    path.write_text(json.dumps(rows))
    result = CliRunner().invoke(cli, ["score", "defect_detection", "--generations", str(path), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["scores"] == {
        "accuracy": 1 / 3,
        "f1_binary": 2 / 3,
        "f1_macro": 2 / 9,
        "valid_share": 2 / 3,
    }
    assert document["level"] is None
    assert document["options"]["subset"] == "sample2000"
    assert document["provenance"]["rows"] == str(path)
    assert document["provenance"]["negatives"] == "2 of 2"


def test_code_is_scored_by_the_rows_that_are_shipped(tmp_path: Path) -> None:
    path = tmp_path / "generations.jsonl"
    path.write_text("".join(f"{json.dumps({'id': f'text_to_code/{n}', 'text': 'x ;'})}\n" for n in range(5)))
    arguments = ["score", "text_to_code", "--data", "builtin", "--generations", str(path), "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["scores"]["exact_match"] == 0.0

"""What counts the steps of a study leaves its tokens for the search, and says how far it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from astraios_ray.config.study import StudyConfig
from astraios_ray.models.nano import nano_tokenizer
from astraios_ray.studies.count_steps import with_steps
from astraios_ray.studies.tokenise_rows import tokenise_rows
from tests.fakes.studies import study


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASTRAIOS_RAY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tokens"


def of_rows(folder: Path, count: int, **sections: Any) -> StudyConfig:
    """A study of ``count`` rows of 4,000 letters."""
    records = [{"prompt": f"{number}", "completion": f"x = {number}\n" * 500} for number in range(count)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    data = {"train": str(folder / "rows.jsonl"), "sequence_length": 32, "packing": "rows"}
    return study(data=data, **sections)


def entries(cache: Path) -> int:
    return len([path for path in cache.iterdir() if path.is_dir()]) if cache.exists() else 0


def test_a_search_finds_the_tokens_by_which_the_steps_were_counted(tmp_path: Path, cache: Path) -> None:
    training = {"batch_size": 8, "validate_every": 1, "warmup_steps": 1, "epochs": 1.0}
    config = of_rows(tmp_path, 300, training=training, early_stop={"rule": "none"})
    shares: list[float] = []
    counted = with_steps(config, shares.append)
    assert (entries(cache), shares[-1]) == (1, 1.0)
    shares.clear()
    tokenise_rows(counted, nano_tokenizer(), shares.append)
    assert (entries(cache), shares) == (1, [])


def test_every_training_set_has_its_tokens(tmp_path: Path, cache: Path) -> None:
    region = {"region": "token", "element": "7", "training_sets": ["full", "ood"]}
    tokenise_rows(of_rows(tmp_path, 300, ood=region), None, lambda share: None)
    assert entries(cache) == 2


def test_few_rows_are_left_to_the_lanes(tmp_path: Path, cache: Path) -> None:
    tokenise_rows(of_rows(tmp_path, 20), None, lambda share: None)
    assert entries(cache) == 0

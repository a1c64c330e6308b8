"""What search_spaces/README.md shows is what is read."""

import re
from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.config.study import StudyConfig
from tests.config.studies import study_file

README = (Path(__file__).parents[2] / "search_spaces" / "README.md").read_text()


def test_the_study_that_is_shown_is_valid(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    study = load_study(study_file(tmp_path, shown))
    assert set(study.methods) == {"lora", "ia3", "peft:VERA"}


@pytest.mark.parametrize("line", re.findall(r"astraios-ray plan (.*--set .*)", README))
def test_the_flags_that_are_shown_are_valid(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl.gz").write_bytes(b"")
    name, *flags = re.sub(r"\s+#.*", "", line).replace("'", "").split(" --set ")
    assert load_study(name, flags) != load_study(name)


@pytest.mark.parametrize(
    "section", ["model", "data", "training", "search", "budget", "early_stop", "evaluate"]
)
def test_every_key_of_a_section_is_in_the_table(section: str) -> None:
    (row,) = re.findall(rf"^\| `{section}` \| (.*) \|$", README, re.MULTILINE)
    keys = StudyConfig.model_fields[section].annotation.model_fields  # type: ignore[union-attr]  # every section is a model
    assert all(f"`{key}`" in row for key in keys)

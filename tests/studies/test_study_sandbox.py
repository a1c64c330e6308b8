"""A study says which packages programs can import, and is told which problems need others."""

from pathlib import Path

import pytest

from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import ConfigError
from astraios_ray.studies.load_study import read_study
from astraios_ray.studies.study_sandbox import study_sandbox, unjudgeable_problems

TASK = "bigcodebench?data=builtin"


def test_problems_without_their_packages_are_counted_by_task() -> None:
    tasks = f"evaluate.tasks=[primer, '{TASK}']"
    study, _ = read_study("quickstart", [tasks])
    (sentence,) = unjudgeable_problems(study)
    assert sentence.startswith(
        f"{parse_task(TASK).label}: 1 of 4 problems cannot be judged here and are left"
    )
    assert "programs cannot import matplotlib, pandas (sandbox.python: default)" in sentence


def test_a_limit_leaves_later_problems_out() -> None:
    study, _ = read_study("quickstart", [f"evaluate.tasks=['{TASK}']", "evaluate.limit=3"])
    assert unjudgeable_problems(study) == []


def test_the_key_of_the_study_is_named(tmp_path: Path) -> None:
    study, _ = read_study("quickstart", [f"sandbox.python={tmp_path}/none"])
    for use in (lambda: study_sandbox(study, "bubblewrap", None), lambda: unjudgeable_problems(study)):
        with pytest.raises(ConfigError, match=rf"^sandbox\.python={tmp_path}/none: there is no such folder"):
            use()

"""``python -m``: runs a small search and writes the functions of the reading page that it calls, in order."""

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import torch

from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.search.folder import StudyFolder
from astraios_ray.search.local_backend import LocalBackend
from tests.fakes.backends import conduct, tiny_study, write_model, write_rows

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "astraios_ray"
PAGE = (ROOT / "docs" / "reading-the-code.md").read_text()
STEP = re.compile(r"^\d+\. `([\w./]+\.py):([\w.]+)`", re.MULTILINE)

Step = tuple[str, str]  # a file and a function in it


class Calls:
    """The functions that are called in a search, in order, by the walk that is under way."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.files: dict[str, set[str]] = {"train": set(), "examine": set()}
        self._steps = {
            (str((PACKAGE / file).resolve()), name): (file, name) for file, name in STEP.findall(PAGE)
        }
        self._walk: str | None = None

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """What ``sys.setprofile`` calls."""
        file, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if event != "call" or not file.startswith(str(ROOT)):
            return
        self._walk = {"LocalBackend.train": "train", "LocalBackend.examine": "examine"}.get(name, self._walk)
        if (file, name) in self._steps:
            self.steps.append(self._steps[file, name])
        if self._walk and file.startswith(str(PACKAGE)):
            self.files[self._walk].add(file)


def record(folder: Path) -> Calls:
    """The calls of a search with one LoRA trial that is scored on two problems."""
    torch.set_num_threads(1)
    study = tiny_study(
        write_model(folder / "model"),
        write_rows(folder / "rows.jsonl"),
        budget={"trials": 1},
        methods={"lora": {"r": 4}},
        evaluate={"tasks": ["primer"], "limit": 2, "samples": 2, "max_new_tokens": 8},
    )
    calls, run = Calls(), StudyFolder(folder / "run")
    sys.setprofile(calls)
    try:
        conduct(study, run, LocalBackend(run.trials, slots=1, sandbox=Bubblewrap()))
    finally:
        sys.setprofile(None)
    return calls


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        calls = record(Path(temporary))
    counts = {walk: len(files) for walk, files in calls.files.items()}
    sys.stdout.write(json.dumps({"steps": calls.steps, "files": counts}))

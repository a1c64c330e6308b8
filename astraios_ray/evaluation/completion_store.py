"""Store completions on disk as they are written, so that a stopped evaluation can be continued."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.records import Completion, decode, encode
from astraios_ray.records.old_names import with_new_names

QUESTION_FILE, COMPLETIONS_FILE = "asked.json", "completions.jsonl"
CONTENTS = "contents"
ADVICE = "Give another folder (`out`), or start anew with `fresh`, which keeps the old one aside."
ADVISED = ("out", "fresh")  # arguments
UNKNOWN = "whether its answers are of today's model, adapter, evaluator and rows cannot be compared."
LOG = logging.getLogger(__name__)


class CompletionStore:
    """The completions of one model for one task, in a folder of their own.

    ``question`` holds everything that the completions depend on, as plain JSON values; its key ``contents``
    holds digests of the files behind the names. Raises ConfigError when the folder holds answers to another
    question, TornFile when it cannot be read.
    """

    def __init__(self, folder: Path, question: Mapping[str, Any]) -> None:
        self._path = folder / COMPLETIONS_FILE
        folder.mkdir(parents=True, exist_ok=True)
        self.question = self._agreed(folder / QUESTION_FILE, dict(question))  # as the folder holds it
        self._completions = {(item.problem, item.sample): item for item in self._read()}

    @property
    def path(self) -> Path:
        """The file of completions: one JSON object a line."""
        return self._path

    def of(self, problems: Sequence[str], samples: int) -> list[Completion]:
        """The completions of those ``problems`` that have all samples, in order."""
        rows = ([self._completions.get((name, number)) for number in range(samples)] for name in problems)
        return [item for row in rows if None not in row for item in row if item is not None]

    def keep(self, completions: Iterable[Completion]) -> Iterator[Completion]:
        """Yield each completion after it is in the file."""
        with self._path.open("a") as file:
            for completion in completions:
                file.write(json.dumps(encode(completion)) + "\n")
                file.flush()
                self._completions[completion.problem, completion.sample] = completion
                yield completion

    def _agreed(self, path: Path, question: dict[str, Any]) -> dict[str, Any]:
        if not path.exists():
            if self._path.exists():
                raise TornFile(f"{self._path}: there is no {QUESTION_FILE} beside it; give another folder.")
            path.write_text(json.dumps(question, indent=2) + "\n")
            return question
        old: dict[str, Any] = with_new_names(_parsed(path, path.read_text()))
        self._refuse_others(old, question)
        return old

    def _refuse_others(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        folder = self._path.parent
        changed = [
            f"{key} was {old.get(key)!r}, is {new.get(key)!r}"
            for key in _differing(old, new)
            if key != CONTENTS
        ]
        if changed:
            raise ConfigError(
                f"{folder} holds answers to another question: {'; '.join(changed)}. {ADVICE}",
                arguments=ADVISED,
            )
        if CONTENTS in old:
            self._refuse_other_contents(old[CONTENTS], new.get(CONTENTS, {}))
        elif CONTENTS in new:
            LOG.warning("%s: was begun by a version that noted no contents, so %s", folder, UNKNOWN)

    def _refuse_other_contents(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        changed = [
            f"{key} ({', '.join(_differing(old.get(key, {}), new.get(key, {})))})"
            for key in _differing(old, new)
        ]
        if changed:
            raise ConfigError(
                f"{self._path.parent} holds answers from before the contents of {', '.join(changed)} "
                f"changed. {ADVICE}",
                arguments=ADVISED,
            )

    def _read(self) -> Iterator[Completion]:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        full_lines = content[: content.rfind(b"\n") + 1]
        if len(full_lines) < len(content):  # a line that was being written when the process was killed
            with self._path.open("r+b") as file:
                file.truncate(len(full_lines))
        for number, line in enumerate(full_lines.splitlines(), start=1):
            yield decode(Completion, _parsed(f"{self._path}: line {number}", line.decode()))


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]


def _parsed(where: object, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise TornFile(f"{where}: is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise TornFile(f"{where}: holds no JSON object.")
    return value

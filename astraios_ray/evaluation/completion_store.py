"""Completions on disk as they are written, so that an evaluation that was stopped goes on where it was."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from astraios_ray.errors import ConfigError, TornFile
from astraios_ray.records import Completion, decode, encode
from astraios_ray.records.old_names import with_new_names

ASKED, TEXTS = "asked.json", "completions.jsonl"
CONTENTS = "contents"
ADVICE = "Give another folder (--out), or start anew with --fresh, which keeps the old one aside."
UNKNOWN = "whether its answers are of today's model, adapter, evaluator and rows cannot be compared."
LOG = logging.getLogger(__name__)


class CompletionStore:
    """The completions of one model for one task, in a folder of their own.

    ``asked`` is all that decides them, as plain JSON values; under ``contents``, digests of what its names
    stand for. Raises ConfigError when the folder holds answers to something else, TornFile when it cannot be
    read.
    """

    def __init__(self, folder: Path, asked: Mapping[str, Any]) -> None:
        self._texts = folder / TEXTS
        folder.mkdir(parents=True, exist_ok=True)
        self.asked = self._agreed(folder / ASKED, dict(asked))  # as the folder has it
        self._known = {(item.problem, item.sample): item for item in self._read()}

    @property
    def path(self) -> Path:
        """The file of completions: one JSON object a line."""
        return self._texts

    def of(self, problems: Sequence[str], samples: int) -> list[Completion]:
        """The completions of these problems in their order; only of those that have all samples."""
        found = ([self._known.get((name, number)) for number in range(samples)] for name in problems)
        return [item for row in found if None not in row for item in row if item is not None]

    def keep(self, completions: Iterable[Completion]) -> Iterator[Completion]:
        """Pass completions on, each once it is in the file."""
        with self._texts.open("a") as file:
            for completion in completions:
                file.write(json.dumps(encode(completion)) + "\n")
                file.flush()
                self._known[completion.problem, completion.sample] = completion
                yield completion

    def _agreed(self, path: Path, asked: dict[str, Any]) -> dict[str, Any]:
        if not path.exists():
            if self._texts.exists():
                raise TornFile(f"{self._texts}: there is no {ASKED} beside it; give another folder.")
            path.write_text(json.dumps(asked, indent=2) + "\n")
            return asked
        before: dict[str, Any] = with_new_names(_parsed(path, path.read_text()))
        self._refuse_others(before, asked)
        return before

    def _refuse_others(self, before: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        folder = self._texts.parent
        changed = [
            f"{key} was {before.get(key)!r}, is {asked.get(key)!r}"
            for key in _differing(before, asked)
            if key != CONTENTS
        ]
        if changed:
            raise ConfigError(f"{folder} holds answers to another question: {'; '.join(changed)}. {ADVICE}")
        if CONTENTS in before:
            self._refuse_other_contents(before[CONTENTS], asked.get(CONTENTS, {}))
        elif CONTENTS in asked:
            LOG.warning("%s: was begun by a version that noted no contents, so %s", folder, UNKNOWN)

    def _refuse_other_contents(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        changed = [
            f"{key} ({', '.join(_differing(before.get(key, {}), now.get(key, {})))})"
            for key in _differing(before, now)
        ]
        if changed:
            raise ConfigError(
                f"{self._texts.parent} holds answers from before the contents of {', '.join(changed)} "
                f"changed. {ADVICE}"
            )

    def _read(self) -> Iterator[Completion]:
        if not self._texts.exists():
            return
        content = self._texts.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):  # a line that was being written when the process was killed
            with self._texts.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.splitlines(), start=1):
            yield decode(Completion, _parsed(f"{self._texts}: line {number}", line.decode()))


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [key for key in sorted({*before, *now}) if before.get(key) != now.get(key)]


def _parsed(where: object, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise TornFile(f"{where}: is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise TornFile(f"{where}: holds no JSON object.")
    return value

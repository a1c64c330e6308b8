"""Makes the n-th call that writes below a folder fail once; ``calls`` are all that came.

Python's calls are replaced, and the one by which safetensors writes. A write that fails has written half.
"""

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class FailingWrites:
    """Replaces the calls of this process for good: the process makes one search and ends."""

    def __init__(self, folder: Path, number: int, code: int) -> None:
        """The call ``number`` (from 0) fails with ``code`` of errno."""
        self._folder, self._number, self._code = str(folder), number, code
        self.calls: list[str] = []
        self._replace_opening()
        self._replace_writing()
        for name in ("mkdir", "rename", "replace"):
            setattr(os, name, self._failing(name, getattr(os, name)))

    def fails(self, call: str, path: Any) -> bool:
        """Count a call; whether it is the one to fail."""
        if isinstance(path, int):
            path = os.readlink(f"/proc/self/fd/{path}")
        if not os.path.abspath(os.fspath(path)).startswith(self._folder):
            return False
        self.calls.append(f"{call} {path}")
        return len(self.calls) == self._number + 1

    def error(self, path: Any = None) -> OSError:
        return OSError(self._code, os.strerror(self._code), None if isinstance(path, int) else path)

    def _failing(self, name: str, right: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *arguments: Any, **options: Any) -> Any:
            if self.fails(name, path):
                raise self.error(path)
            return right(path, *arguments, **options)

        return call

    def _replace_opening(self) -> None:
        right_open, right_os_open = io.open, os.open

        def opened(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if not set(mode) & set("wax+") or isinstance(path, int):
                return right_open(path, mode, *arguments, **options)
            if self.fails("open", path):
                raise self.error(path)
            return _File(right_open(path, mode, *arguments, **options), self, path)

        def os_opened(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            if flags & WRITING and self.fails("os.open", path):
                raise self.error(path)
            return right_os_open(path, flags, *arguments, **options)

        io.open = builtins.open = opened  # type: ignore[assignment]  # it has fewer overloads
        os.open = os_opened

    def _replace_writing(self) -> None:
        right_write, right_serialize = os.write, safetensors.torch.serialize_file
        os.fsync = self._failing("fsync", os.fsync)

        def write(file: int, content: Any) -> int:
            if self.fails("write", file):
                right_write(file, content[: len(content) // 2])
                raise self.error()
            return right_write(file, content)

        def serialize_file(tensors: Any, path: Any, *arguments: Any, **options: Any) -> None:
            right_serialize(tensors, path, *arguments, **options)
            if self.fails("safetensors", path):
                os.truncate(path, os.path.getsize(path) // 2)
                raise SafetensorError(f"I/O error: {os.strerror(self._code)} (os error {self._code})")

        os.write = write
        safetensors.torch.serialize_file = serialize_file


class _File:
    """A file that was opened for writing, whose ``write`` may be the call that fails."""

    def __init__(self, file: Any, faults: FailingWrites, path: Any) -> None:
        self._file, self._faults, self._path = file, faults, path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: Any) -> int:
        if self._faults.fails("file.write", self._path):
            self._file.write(content[: len(content) // 2])
            raise self._faults.error()
        count: int = self._file.write(content)
        return count

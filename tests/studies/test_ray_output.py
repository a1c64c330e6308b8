"""Of a program that searches on Ray, only what Ray prints goes to a file."""

import errno
import inspect
import sys
from pathlib import Path
from threading import Thread

import pytest
from ray._private import worker

from astraios_ray.search.progress import Progress
from astraios_ray.studies.ray_output import RAY_THREADS, PrintingDisplay, output_of_ray_in


class Printer:
    """A display that prints."""

    def update(self, progress: Progress) -> None:
        sys.stdout.write(f"update {progress.phase}\n")

    def note(self, text: str) -> None:
        sys.stdout.write(f"note {text}\n")

    def close(self) -> None:
        sys.stdout.write("close\n")


def in_a_thread(text: str, name: str = "mine") -> None:
    thread = Thread(target=print, args=(text,), name=name)
    thread.start()
    thread.join()


def test_the_thread_of_the_search_prints_into_the_file_and_others_where_they_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with output_of_ray_in(tmp_path / "ray.log"):
        sys.stdout.write("of Ray\n")
        in_a_thread("of the program")
    sys.stdout.write("afterwards\n")
    assert (tmp_path / "ray.log").read_text() == "of Ray\n"
    assert capsys.readouterr().out == "of the program\nafterwards\n"


def test_a_thread_of_ray_prints_into_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ray prints there of a worker that was killed, and the result of a search with --json is on stdout."""
    with output_of_ray_in(tmp_path / "ray.log"):
        in_a_thread("a worker died", "ray_listen_error_messages")
    assert capsys.readouterr().out == ""
    assert (tmp_path / "ray.log").read_text() == "a worker died\n"


def test_ray_still_names_its_printing_threads_so() -> None:
    assert f'name="{RAY_THREADS}listen_error_messages"' in inspect.getsource(worker)


def test_a_display_prints_where_its_program_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    display = PrintingDisplay(Printer())
    with output_of_ray_in(tmp_path / "ray.log"):
        display.update(Progress(phase="search"))
        display.note("text")
        display.close()
        sys.stdout.write("of Ray\n")
    assert capsys.readouterr().out == "update search\nnote text\nclose\n"
    assert (tmp_path / "ray.log").read_text() == "of Ray\n"


class ClosedPipe(Printer):
    """A display whose reader leaves after the first note."""

    def __init__(self) -> None:
        self.calls = 0

    def note(self, text: str) -> None:
        self.calls += 1
        if self.calls > 1:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_a_display_without_a_reader_is_silent_and_raises_nothing() -> None:
    pipe = ClosedPipe()
    display = PrintingDisplay(pipe)
    for _ in range(4):
        display.note("text")
    display.close()
    assert pipe.calls == 2


def test_another_trouble_of_a_display_is_raised() -> None:
    class FullDisk(Printer):
        def note(self, text: str) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        PrintingDisplay(FullDisk()).note("text")

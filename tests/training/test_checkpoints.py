"""A checkpoint is complete or absent."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from astraios_ray.errors import TornFile
from astraios_ray.records import Checkpoint
from astraios_ray.training.checkpoints import (
    MANIFEST,
    folder_bytes,
    newest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)

DEADLY = """
import os, pathlib, signal, sys
from astraios_ray.training.checkpoints import write_checkpoint

def fill(folder):
    (folder / "weights").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

write_checkpoint(pathlib.Path(sys.argv[1]), 6, {}, fill)
"""


def fill(folder: Path) -> None:
    (folder / "adapter").mkdir()
    (folder / "adapter" / "weights").write_bytes(b"weights " * 20)
    (folder / "optimizer").write_bytes(b"moments " * 20)


def write(folder: Path, step: int) -> Checkpoint:
    return write_checkpoint(folder, step, {"points": [step], "seconds": 0.5}, fill)


def newest(folder: Path, until: int = 9) -> Checkpoint | None:
    checkpoint_and_facts = newest_checkpoint(folder, until)
    return checkpoint_and_facts[0] if checkpoint_and_facts else None


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    checkpoint = write(tmp_path, 5)
    assert read_checkpoint(checkpoint) == {"points": [5], "seconds": 0.5}
    assert newest(tmp_path) == checkpoint == Checkpoint(str(tmp_path / "checkpoint-5"), 5)


def test_a_trial_without_a_folder_has_none(tmp_path: Path) -> None:
    assert newest_checkpoint(tmp_path / "never", until=9) is None


def test_a_checkpoint_beyond_the_train_task_is_passed_over(tmp_path: Path) -> None:
    older = write(tmp_path, 3)
    write(tmp_path, 6)
    assert newest(tmp_path, until=5) == older


def test_all_files_are_on_the_disk_before_a_checkpoint_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[str, bool]] = []  # name, and whether the checkpoint has its name

    def fsync(file: int) -> None:
        flushed.append(
            (Path(os.readlink(f"/proc/self/fd/{file}")).name, (tmp_path / "checkpoint-1").exists())
        )

    def fill(draft: Path) -> None:
        (draft / "adapter").mkdir()
        (draft / "adapter" / "weights").write_bytes(b"1")

    monkeypatch.setattr(os, "fsync", fsync)
    write_checkpoint(tmp_path, 1, {}, fill)
    before = {name for name, published in flushed if not published}
    assert {"adapter", "weights", "manifest.json"} < before
    assert any(name.startswith(".checkpoint-1") for name in before)
    assert [name for name, published in flushed if published] == [tmp_path.name]


def test_only_the_newest_two_are_kept(tmp_path: Path) -> None:
    for step in (2, 4, 6, 10):
        write(tmp_path, step)
    assert visible(tmp_path) == {"checkpoint-6", "checkpoint-10"}


def test_one_that_is_written_again_behind_newer_ones_stays(tmp_path: Path) -> None:
    for step in (6, 9, 3):
        write(tmp_path, step)
    assert visible(tmp_path) == {"checkpoint-3", "checkpoint-6", "checkpoint-9"}
    write(tmp_path, 12)
    assert visible(tmp_path) == {"checkpoint-9", "checkpoint-12"}


def test_writing_a_step_again_replaces_it(tmp_path: Path) -> None:
    write(tmp_path, 5)
    checkpoint = write_checkpoint(tmp_path, 5, {"points": []}, fill)
    assert read_checkpoint(checkpoint) == {"points": []}
    assert visible(tmp_path) == {"checkpoint-5"}


def test_of_twins_that_write_the_same_checkpoint_the_first_stays(tmp_path: Path) -> None:
    first = write_checkpoint(tmp_path, 5, {"spec": "a", "seconds": 1.0}, fill)
    place = Path(first.folder).stat().st_ino
    assert write_checkpoint(tmp_path, 5, {"spec": "a", "seconds": 2.0}, fill) == first
    assert Path(first.folder).stat().st_ino == place
    assert visible(tmp_path) == {path.name for path in tmp_path.iterdir()} == {"checkpoint-5"}


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_what_lies_in_place_of_a_checkpoint_is_replaced(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "checkpoint-5"
    place.touch() if kind == "file" else place.symlink_to("nowhere")
    assert newest_checkpoint(tmp_path, until=9) is None
    assert read_checkpoint(write(tmp_path, 5))["points"] == [5]


def test_a_torn_twin_or_one_of_another_trial_is_replaced(tmp_path: Path) -> None:
    first = write_checkpoint(tmp_path, 5, {"spec": "a"}, fill)
    assert read_checkpoint(write_checkpoint(tmp_path, 5, {"spec": "b"}, fill)) == {"spec": "b"}
    (Path(first.folder) / "optimizer").unlink()
    assert read_checkpoint(write_checkpoint(tmp_path, 5, {"spec": "b"}, fill)) == {"spec": "b"}


def test_a_checkpoint_of_another_trial_is_passed_over(tmp_path: Path) -> None:
    older = write_checkpoint(tmp_path, 3, {"spec": "a"}, fill)
    write_checkpoint(tmp_path, 6, {"spec": "b"}, fill)
    newest_with_facts = newest_checkpoint(tmp_path, 9, "a")
    assert newest_with_facts == (older, {"spec": "a"})


@pytest.mark.parametrize("files", [0, 1, 2])
def test_broken_off_while_files_are_written_it_is_not_there(tmp_path: Path, files: int) -> None:
    older = write(tmp_path, 3)

    def breaking(folder: Path) -> None:
        for number in range(files):
            (folder / f"file-{number}").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(tmp_path, 6, {}, breaking)
    assert visible(tmp_path) == {"checkpoint-3"}
    assert newest(tmp_path) == older
    assert newest(tmp_path) == older
    assert read_checkpoint(write(tmp_path, 6))


def test_a_process_killed_while_it_writes_leaves_the_older_one(tmp_path: Path) -> None:
    older = write(tmp_path, 3)
    killed = subprocess.run([sys.executable, "-c", DEADLY, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert visible(tmp_path) == {"checkpoint-3"}
    assert newest(tmp_path) == older
    write(tmp_path, 6)
    assert visible(tmp_path) == {path.name for path in tmp_path.iterdir()}, "what it left was not removed"


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, Path.unlink])
@pytest.mark.parametrize("name", ["adapter/weights", "optimizer", MANIFEST])
def test_damage_is_refused_with_the_file_and_an_older_one_is_taken(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    older, newer = write(tmp_path, 3), write(tmp_path, 6)
    damage(Path(newer.folder) / name)
    with pytest.raises(TornFile, match=name):
        read_checkpoint(newer)
    assert newest(tmp_path) == older


@pytest.mark.parametrize("content", ["[]", "{}", "null", '{"sha256": {}}'])
def test_a_manifest_that_says_something_else_is_refused(tmp_path: Path, content: str) -> None:
    checkpoint = write(tmp_path, 3)
    (Path(checkpoint.folder) / MANIFEST).write_text(content)
    with pytest.raises(TornFile, match=MANIFEST):
        read_checkpoint(checkpoint)


def test_a_changed_fact_is_noticed(tmp_path: Path) -> None:
    path = Path(write(tmp_path, 3).folder) / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["facts"]["seconds"] = 0.4
    path.write_text(json.dumps(manifest))
    with pytest.raises(TornFile, match="not as it was written"):
        read_checkpoint(Checkpoint(str(path.parent), 3))


def test_a_folder_that_is_no_checkpoint_does_not_disturb(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-6.copy").mkdir()
    (tmp_path / "checkpoint-9").mkdir()
    assert newest_checkpoint(tmp_path, until=9) is None
    assert newest(tmp_path) != write(tmp_path, 3)


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    fill(tmp_path)
    assert folder_bytes(tmp_path) == 320

"""Every file of a run folder is damaged in turn: the same command heals it, or refuses it with a way on.

``make test`` takes a few of the cases; ASTRAIOS_RAY_FAULT_TESTS=1 all of them.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from astraios_ray.records import TrainReport, decode
from astraios_ray.search.journal import read_journal
from tests.faults.damage import (
    DAMAGES,
    KILLED,
    STATES,
    Outcome,
    append,
    copy_of,
    delete,
    metrics_in,
    run_in,
)
from tests.faults.search_end import search_end

ALL = bool(os.environ.get("ASTRAIOS_RAY_FAULT_TESTS"))
JOURNAL = "journal.jsonl"
NEWEST = "trials/{trial}/checkpoint-{step}"  # the newest checkpoint of a trial that is needed again
IN_CHECKPOINT = (
    "manifest.json",
    "optimizer.safetensors",
    "adapter/adapter_model.safetensors",
    "adapter/adapter_config.json",
    "adapter/method.json",
)
FILES = (
    JOURNAL,
    "resolved.yaml",
    "contents.yaml",
    "study.yaml",
    "status.json",
    "optuna.log",
    "spool/events.jsonl",
    "spool/identity",
    "spool/acknowledged-*.json",
    "mlflow.db",
    ".owner",
    *(f"{NEWEST}/{name}" for name in IN_CHECKPOINT),
)
FILES_AT_THE_END = (
    "leaderboard.json",
    "leaderboard.md",
    "report/index.html",
    "mlartifacts/*/*/*/*/*/score.json",
)
HEALED_WITH_A_LINE = ("resolved.yaml", "contents.yaml", "mlflow.db")
UNNOTICED = ("flip mlflow.db", "append mlflow.db", "delete mlflow.db")  # and yet MLflow has all values

Damage = Callable[[Path], object]


def put(make: Callable[[Path], object]) -> Damage:
    """Replace a file or folder by what ``make`` puts there."""

    def damage(path: Path) -> None:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        make(path)

    return damage


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Damage:
    """Change the lines of a file."""
    return lambda path: path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


a_folder, a_file = put(Path.mkdir), put(Path.touch)
a_dangling_link = put(lambda path: path.symlink_to("nowhere"))
a_loop = put(lambda path: path.symlink_to(path))
no_folder: Damage = shutil.rmtree
OTHERS: Mapping[str, tuple[str, Damage]] = {
    "the journal ends in NULs": (JOURNAL, lambda path: path.write_bytes(path.read_bytes() + bytes(4096))),
    "the journal ends in a line of NULs": (
        JOURNAL,
        lambda path: path.write_bytes(path.read_bytes() + bytes(99) + b"\n"),
    ),
    "a record is missing": (JOURNAL, lines(lambda all: all[:4] + all[5:])),
    "a record stands twice": (JOURNAL, lines(lambda all: all[:5] + all[4:])),
    "two records are swapped": (JOURNAL, lines(lambda all: [*all[:4], all[5], all[4], *all[6:]])),
    "the journal has the line ends of Windows": (
        JOURNAL,
        lines(lambda all: [line.replace(b"\n", b"\r\n") for line in all]),
    ),
    "the journal is a folder": (JOURNAL, a_folder),
    "the journal is a dangling link": (JOURNAL, a_dangling_link),
    "the journal is a link to itself": (JOURNAL, a_loop),
    "the journal is an older copy": (JOURNAL, lines(lambda all: all[:-3])),
    "no trial has a folder": ("trials", no_folder),
    "the trials are a file": ("trials", a_file),
    "a checkpoint is missing": (NEWEST, no_folder),
    "a checkpoint is a file": (NEWEST, a_file),
    "a checkpoint is a dangling link": (NEWEST, a_dangling_link),
    "a trial has no folder": ("trials/{trial}", no_folder),
    "a later checkpoint is empty": ("trials/{trial}", lambda path: (path / "checkpoint-99").mkdir()),
    "an earlier checkpoint is empty": ("trials/{trial}", lambda path: (path / "checkpoint-1").mkdir()),
    "the lock is missing": (".lock", delete),
    "the lock has content": (".lock", append),
    "the spool is missing": ("spool", no_folder),
    "the spool is a file": ("spool", a_file),
    "events are a folder": ("spool/events.jsonl", a_folder),
    "events are a dangling link": ("spool/events.jsonl", a_dangling_link),
    "an event is missing": ("spool/events.jsonl", lines(lambda all: all[:3] + all[4:])),
    "the acknowledgement is of more events": (
        "spool/acknowledged-*.json",
        lambda path: path.write_text('{"offset": 99999999, "runs": {}, "refused": []}'),
    ),
    "the database is text": ("mlflow.db", lambda path: path.write_text("no database " * 999)),
    "the database is a folder": ("mlflow.db", a_folder),
    "the database has no tables": ("mlflow.db", put(Path.touch)),
    "the study is a folder": ("study.yaml", a_folder),
    "the resolved study is a folder": ("resolved.yaml", a_folder),
    "the contents are a dangling link": ("contents.yaml", a_dangling_link),
    "the status is a folder": ("status.json", a_folder),
    "the log of Optuna is a folder": ("optuna.log", a_folder),
}
WAYS_ON = ("--fresh", "Give another path, or make this one usable", "the same command goes on")
REFUSED = (  # beside damage to the journal: something of another kind stands where a file must be
    "the trials are a file",
    "the study is a folder",
    "the resolved study is a folder",
    "the log of Optuna is a folder",
)
CASES_BY_NAME: Mapping[str, tuple[str, str, Damage]] = {  # name -> state, file, damage
    **{
        f"{state}: {damage.__name__} {file}": (state, file, damage)
        for state in STATES
        for file in (*FILES, *(FILES_AT_THE_END if state == "finished" else ()))
        for damage in DAMAGES
        if state != "scoring" or file.startswith(NEWEST)
    },
    **{f"training: {name}": ("training", file, damage) for name, (file, damage) in OTHERS.items()},
    **{
        f"{state}: {name}": (state, *OTHERS[name])
        for state in ("scoring", "finished")
        for name in ("a checkpoint is missing", "no trial has a folder", "the spool is missing")
    },
}
COMMANDS = ("status", "report", "explain", "export lora", "reproduce lora --losses-only")
CASES = {
    "A file of the run folder is damaged": len(CASES_BY_NAME),
    "The run folder is moved": len(STATES) + len(COMMANDS),
}
SHORT = (
    f"training: flip {JOURNAL}",
    "training: a record is missing",
    f"training: flip {NEWEST}/optimizer.safetensors",
    "scoring: a checkpoint is missing",
    "finished: cut resolved.yaml",
    "finished: delete spool/events.jsonl",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Path]]:
    """The run folder in each state: a search that is killed, goes on, is killed again and ends."""
    place = tmp_path_factory.mktemp("small")
    copies = {}
    for state, dies_at in STATES.items():
        outcome = run_in(place, dies_at=dies_at)
        assert outcome.code == (0 if state == "finished" else KILLED), outcome.log
        copies[state] = copy_of(place / "runs" / "small", place / state)
    yield copies
    shutil.rmtree(place)


def needed_again(run: Path, finished: Path) -> Mapping[str, str]:
    """The LoRA trial that goes on from its newest checkpoint; where all have ended, the best one."""
    loras = {
        spec["number"]
        for record in read_journal(run / JOURNAL)
        for spec in record.get("specs", ())
        if spec["method"] == "lora"
    }
    last = {number: report for number, report in last_reports(run).items() if number in loras}
    ends = last_reports(finished)
    paused = [number for number in last if last[number].points[-1].step < ends[number].points[-1].step]
    number = min(paused or last, key=lambda number: last[number].points[-1].loss)
    return {"trial": last[number].trial, "step": str(last[number].points[-1].step)}


def last_reports(run: Path) -> Mapping[int, TrainReport]:
    """The last train report of each trial, by its number."""
    records = (record.get("train_report") for record in read_journal(run / JOURNAL))
    reports = (decode(TrainReport, record) for record in records if record)
    return {int(report.trial.removeprefix("t")): report for report in reports}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES_BY_NAME if ALL else SHORT)
def test_damage_is_healed_or_refused(name: str, runs: Mapping[str, Path], tmp_path: Path) -> None:
    state, pattern, damage = CASES_BY_NAME[name]
    run = copy_of(runs[state], tmp_path)
    (path,) = list(run.glob(pattern.format(**needed_again(run, runs["finished"]))))[:1]
    damage(path)
    journal = content(run / JOURNAL)
    outcome = run_in(tmp_path)
    assert "Traceback" not in outcome.log
    if outcome.code:
        assert pattern == JOURNAL or name.endswith(REFUSED), warnings_in(outcome)
        check_refusal(outcome, path)
        assert content(run / JOURNAL) == journal
    else:
        assert search_end(run) == search_end(runs["finished"])
        assert metrics_in(run) == metrics_in(runs["finished"])
        assert said_of(name, path) in warnings_in(outcome)
    shutil.rmtree(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES if ALL else ["training"])
def test_a_search_goes_on_in_another_folder(state: str, runs: Mapping[str, Path], tmp_path: Path) -> None:
    moved = copy_of(runs[state], tmp_path / "elsewhere")
    outcome = run_in(tmp_path / "elsewhere")
    assert outcome.code == 0, outcome.log
    assert search_end(moved) == search_end(runs["finished"])


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS if ALL else COMMANDS[3:4])
def test_a_command_takes_a_folder_that_was_moved_and_lost_a_checkpoint(
    command: str, runs: Mapping[str, Path], tmp_path: Path
) -> None:
    moved = copy_of(runs["finished"], tmp_path / "elsewhere")
    shutil.rmtree(moved / NEWEST.format(**needed_again(moved, moved)))
    (tmp_path / "here").mkdir()
    name, *arguments = command.split()
    outcome = run_in(tmp_path / "here", [name, "../elsewhere/runs/small", *arguments])
    assert outcome.code == 0, outcome.log


def said_of(name: str, path: Path) -> str:
    """What the log must name: a copy that was made anew, a checkpoint that was needed."""
    if path.parent.name.startswith("checkpoint-"):
        path = path.parent
    if path.name.startswith("checkpoint-"):
        return "" if name.startswith("finished") else path.name
    is_silent = name.endswith(UNNOTICED)
    return path.name if path.name in HEALED_WITH_A_LINE and not is_silent else ""


def warnings_in(outcome: Outcome) -> str:
    return "\n".join(line for line in outcome.log.splitlines() if line.startswith(("WARNING", "Error")))


def check_refusal(outcome: Outcome, path: Path) -> None:
    """One message names the place and a way on."""
    assert outcome.code in (1, 2)
    assert path.name in outcome.log
    assert any(way_on in outcome.log for way_on in WAYS_ON)


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None

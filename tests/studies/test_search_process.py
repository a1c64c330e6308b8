"""A search in a child process: what ends it for good, and what starts it again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from astraios_ray.studies.ray_logs import last_words

ROOT = Path(__file__).parents[2]
COMMAND = """
import os, signal, subprocess, sys, time
from pathlib import Path
from astraios_ray.cli import main as command_line
from astraios_ray.errors import AstraiosError
from astraios_ray.studies.parent_pipe import PARENT
from astraios_ray.studies.search_process import searched_in_child
starts = Path("starts")
try:
    code = searched_in_child(lambda text: print("NOTE", text, flush=True))
except AstraiosError as error:
    print(type(error).__name__, error)
    code = error.exit_code
if code is not None:
    sys.exit(code)
with starts.open("a") as file:
    file.write(f"{PARENT.folder_is_fresh}\\n")
count = len(starts.read_text().split())
"""


def started(child: str, folder: Path) -> subprocess.Popen[str]:
    """A command whose child does what the lines ``child`` say; ``count`` says for which time."""
    return subprocess.Popen(
        ["env", "--default-signal=INT,HUP", sys.executable, "-c", COMMAND + child],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ending(child: str, folder: Path) -> tuple[int, str]:
    process = started(child, folder)
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def starts(folder: Path) -> list[str]:
    return (folder / "starts").read_text().split()


def wait_for(file: Path) -> None:
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until, f"no {file}"
        time.sleep(0.01)


def test_a_search_that_came_to_its_own_end_is_not_started_again(tmp_path: Path) -> None:
    """Whatever ends its process later, as a thread of Ray does that is late."""
    assert ending("PARENT.tell(code=5); os._exit(1)", tmp_path) == (5, "")
    assert starts(tmp_path) == ["False"]


def test_a_search_that_was_killed_goes_on_in_a_new_process_and_the_signal_is_named(tmp_path: Path) -> None:
    child = "if count == 1: os.kill(os.getpid(), signal.SIGKILL)\nprint('board'); PARENT.tell(code=0)"
    code, output = ending(child, tmp_path)
    assert code == 0
    assert output == (
        "NOTE The process of the search ended: SIGKILL ended it, as when memory is short. "
        "It is started again (1 of 3) and goes on.\nboard\n"
    )


def test_after_three_restarts_the_command_fails_with_a_sentence_and_the_way_on(tmp_path: Path) -> None:
    code, output = ending("os._exit(1)", tmp_path)
    assert code == 1
    assert output.count("NOTE") == 3
    assert output.splitlines()[-1] == (
        "RayLost The process of the search ended 4 times, the last time: it left with exit code 1 and "
        "without a word. All that was done is saved; the same command goes on from there."
    )
    assert len(starts(tmp_path)) == 4


def test_a_run_folder_is_set_aside_once(tmp_path: Path) -> None:
    child = (
        "if count == 2: PARENT.tell(folder_is_fresh=True)\nif count == 4: PARENT.tell(code=0)\nos._exit(1)"
    )
    assert ending(child, tmp_path)[0] == 0
    assert starts(tmp_path) == ["False", "False", "True", "True"]


def test_what_the_search_and_ray_say_of_the_loss_is_the_reason(tmp_path: Path) -> None:
    (tmp_path / "python-core-driver-1.log").write_text("[2026-12-01 W 1 2] a.cc:1: No plasma store.\n")
    child = (
        'if count == 1: PARENT.tell(lost="Ray\'s raylet ended"); PARENT.tell(code=1); sys.exit(1)\n'
        "if count == 2: PARENT.tell(logs='.'); os._exit(1)\n"
        "PARENT.tell(code=0)"
    )
    code, output = ending(child, tmp_path)
    assert code == 0
    assert "ended: Ray's raylet ended." in output
    assert "ended: Ray says: No plasma store." in output


def test_processes_of_a_dead_search_are_gone_before_the_next_one_starts(tmp_path: Path) -> None:
    """Those too whose own parent has ended."""
    child = (
        "if count == 1:\n"
        "    subprocess.run(['sh', '-c', 'sleep 60 & echo $! > orphan'], stdout=subprocess.DEVNULL)\n"
        "    os._exit(1)\n"
        "print(Path('/proc', Path('orphan').read_text().strip()).exists()); PARENT.tell(code=0); sys.exit()"
    )
    code, output = ending(child, tmp_path)
    assert (code, output.splitlines()[-1]) == (0, "False")


SLOW = "starts.rename('ready'); time.sleep(60)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_a_signal_reaches_the_search_once_and_ends_it_for_good(
    number: signal.Signals, tmp_path: Path
) -> None:
    child = (
        f"def handle(*_):\n    print('signal', flush=True)\nsignal.signal({number}, handle)\n"
        "starts.rename('ready'); signal.pause(); time.sleep(0.2); os._exit(1)"
    )
    process = started(child, tmp_path)
    wait_for(tmp_path / "ready")
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output.startswith("signal\nInterrupted Stopped by you.")


def test_a_search_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    process = started(SLOW, tmp_path)
    wait_for(tmp_path / "ready")
    (child,) = psutil.Process(process.pid).children()
    process.kill()
    process.communicate(timeout=60)
    assert psutil.wait_procs([child], timeout=10)[1] == []


def command(lines: str, *options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """``astraios-ray search quickstart`` after ``lines``."""
    code = f"import sys\nimport astraios_ray\n{lines}\nfrom astraios_ray.cli.main import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, "search", "quickstart", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


LOST_ONCE = """
import astraios_ray.studies.search as use_case
from astraios_ray.errors import ConfigError, RayLost
from astraios_ray.studies.parent_pipe import PARENT
def search(*_, fresh, **options):
    first = not PARENT.folder_is_fresh
    PARENT.tell(folder_is_fresh=True)
    raise RayLost("Ray's raylet ended") if first else ConfigError(f"the end, {fresh}")
use_case.search = search
"""


def test_a_restart_is_an_event_of_the_stream_and_keeps_the_folder_that_fresh_made(tmp_path: Path) -> None:
    process = command(LOST_ONCE, "--json", "--fresh", folder=tmp_path)
    event, error = process.stderr.splitlines()
    assert "Ray's raylet ended. It is started again (1 of 3)" in json.loads(event)["text"]
    assert (process.returncode, process.stdout, error) == (2, "", "Error: the end, False")


def test_the_process_that_waits_holds_no_large_library_and_little_memory(tmp_path: Path) -> None:
    lines = (
        "import astraios_ray.cli.search as search\n"
        "def wait(note):\n"
        "    names = {'torch', 'ray', 'transformers', 'numpy', 'pydantic'} & set(sys.modules)\n"
        "    status = open('/proc/self/status').read()\n"
        "    print(sorted(names), int(status.split('VmHWM:')[1].split()[0]) // 1024)\n"
        "    return 0\n"
        "search.searched_in_child = wait"
    )
    process = command(lines, folder=tmp_path)
    names, mebibytes = process.stdout.strip().split("] ")
    assert names == "["
    assert int(mebibytes) < 60


def test_ray_last_words_are_its_last_warning_or_error(tmp_path: Path) -> None:
    (tmp_path / "python-core-driver-0100_7.log").write_text(
        "[2026-12-01 02:59:56,157 I 3 4] a.cc:1: starting\n"
        "[2026-12-01 02:59:56,157 E 3 4] core_worker.cc:609: :info_message: Attempting to recover.\n"
        "[2026-12-01 02:59:56,157 W 3 4] connection.cc:216: The connection failed. Status: Broken pipe\n"
        "[2026-12-01 02:59:56,157 I 3 4] a.cc:1: leaving\n"
    )
    assert last_words(tmp_path) == "Ray says: The connection failed. Status: Broken pipe"
    assert last_words(tmp_path / "none") == ""

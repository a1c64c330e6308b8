"""What the Makefile asks of a machine before it installs: as an ordinary user, and where parts are absent."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
LOGIN_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"  # Debian's, of a user who is not root
NOBODY = 65534
WANTED = "Please install bubblewrap and libseccomp2 (Debian: apt-get install bubblewrap libseccomp2)."

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def made(target: str, path: str, user: int | None = None) -> subprocess.CompletedProcess[str]:
    """``make target`` with only PATH in the environment; the user need not be able to read this checkout."""
    return subprocess.run(
        [str(shutil.which("make")), "--file=-", target],
        input=MAKEFILE.read_text(),
        env={"PATH": path},
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def there(*programs: str) -> bool:
    return all(shutil.which(program, path=LOGIN_PATH) for program in programs)


@pytest.mark.parametrize(
    ("target", "programs"),
    [("sandbox", ("bwrap", "python3")), ("languages", ("gcc", "jlink"))],
)
def test_an_ordinary_user_needs_no_other_user_where_all_is_installed(
    target: str, programs: tuple[str, ...]
) -> None:
    if not there(*programs):
        pytest.skip(f"one of {', '.join(programs)} is not installed")
    done = made(target, LOGIN_PATH, NOBODY if os.geteuid() == 0 else None)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The only folder of PATH: bwrap, a Python that finds libseccomp, no package manager, no root."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    program(tmp_path, "python3")
    program(tmp_path, "bwrap")
    program(tmp_path, "id", "echo 1000")
    return tmp_path


def program(folder: Path, name: str, script: str = "exit 0") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def no_library(machine: Path) -> None:
    program(machine, "python3", "echo no such library >&2; exit 1")


def no_bubblewrap(machine: Path) -> None:
    (machine / "bwrap").unlink()


ABSENT = pytest.mark.parametrize("absent", [no_library, no_bubblewrap])


def test_nothing_is_installed_where_both_are_there(machine: Path) -> None:
    done = made("sandbox", str(machine))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@ABSENT
@pytest.mark.parametrize("packages", ["no manager", "no leave", "no network"])
def test_what_cannot_be_installed_is_named_and_ends_it(
    machine: Path, absent: Callable[[Path], None], packages: str
) -> None:
    absent(machine)
    if packages != "no manager":
        program(machine, "apt-get", "exit 100")
        program(machine, "sudo", "exit 1" if packages == "no leave" else 'shift; exec "$@"')
    done = made("sandbox", str(machine))
    assert done.returncode != 0
    assert done.stdout.strip() == WANTED
    assert "sandbox] Error 5" in done.stderr


@ABSENT
def test_what_is_absent_is_installed_with_the_leave_of_sudo(
    machine: Path, absent: Callable[[Path], None]
) -> None:
    absent(machine)
    program(machine, "apt-get", f'echo "$@" >> {machine}/installed')
    program(machine, "sudo", '[ "$1" = -n ] || exit 1; shift; exec "$@"')
    done = made("sandbox", str(machine))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (machine / "installed").read_text().split("\n")[:2] == [
        "update -qq",
        "install -y -qq bubblewrap libseccomp2",
    ]


def test_without_compilers_of_other_languages_that_is_said_and_no_error(machine: Path) -> None:
    done = made("languages", str(machine))
    assert done.returncode == 0
    assert done.stdout.startswith("C and Java are not judged here: apt-get install gcc ")

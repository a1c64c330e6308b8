"""What the Makefile asks of a machine before it installs: as an ordinary user, and where parts are absent."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
LOGIN_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"  # Debian's, of a user who is not root
NOBODY = 65534
ANNOUNCEMENT = "Installing bubblewrap and libseccomp2 for the sandbox: under 1 MB, a few seconds."
TIME = r"Installed in \d+ s\."
WANTED = "Please install bubblewrap and libseccomp2 (Debian: apt-get install bubblewrap libseccomp2)."

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def made(
    target: str, path: str, user: int | None = None, folder: Path = Path("/")
) -> subprocess.CompletedProcess[str]:
    """``make target`` with only PATH in the environment; the user need not be able to read this checkout."""
    return subprocess.run(
        [str(shutil.which("make")), "--file=-", target],
        input=MAKEFILE.read_text(),
        env={"PATH": path},
        cwd=folder,
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
    for name in ("sh", "cat", "date", "mktemp", "rm", "touch"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
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
    announcement = [] if packages == "no manager" else [ANNOUNCEMENT]
    assert done.stdout.splitlines() == [*announcement, WANTED]
    assert "sandbox] Error 5" in done.stderr


@ABSENT
def test_what_is_absent_is_installed_with_the_leave_of_sudo(
    machine: Path, absent: Callable[[Path], None]
) -> None:
    absent(machine)
    program(machine, "apt-get", f'echo "$@" >> {machine}/installed')
    program(machine, "sudo", '[ "$1" = -n ] || exit 1; shift; exec "$@"')
    done = made("sandbox", str(machine))
    assert (done.returncode, done.stderr) == (0, "")
    announcement, time = done.stdout.splitlines()
    assert announcement == ANNOUNCEMENT
    assert re.fullmatch(TIME, time)
    assert (machine / "installed").read_text().split("\n")[:2] == [
        "update -qq",
        "install -y -qq bubblewrap libseccomp2",
    ]


def test_without_compilers_of_other_languages_that_is_said_and_no_error(machine: Path) -> None:
    done = made("languages", str(machine))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "Programs in c are not judged here: apt-get install gcc libc6-dev"
    assert lines[1] == "Programs in java are not judged here: apt-get install openjdk-17-jdk-headless"


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the environment depends on."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("pyproject.toml", "constraints.txt"):
        (folder / name).touch()
    return folder


def environment_maker(machine: Path, pip: str) -> None:
    """A Python whose ``-m venv`` makes a pip that writes a line, notes its arguments and runs ``pip``."""
    maker = f"""
if [ "$2" = venv ]; then
  {shutil.which("mkdir")} -p "$3/bin"
  printf '#!/bin/sh\\necho Collecting\\necho "$@" >> {machine}/arguments\\n{pip}\\n' > "$3/bin/pip"
  printf '#!/bin/sh\\n' > "$3/bin/python"
  printf '#!/bin/sh\\necho "$@"\\n' > "$3/bin/astraios-ray"
  {shutil.which("chmod")} +x "$3"/bin/*
fi"""
    program(machine, "python3", maker)


@pytest.mark.parametrize(("mark", "project"), [(".ready", "."), (".ready-to-test", ".[dev,docs]")])
def test_what_is_installed_is_announced_and_then_how_long_it_took(
    machine: Path, checkout: Path, mark: str, project: str
) -> None:
    environment_maker(machine, "exit 0")
    done = made(f".venv/{mark}", str(machine), folder=checkout)
    assert (done.returncode, done.stderr) == (0, "")
    announcement, time = done.stdout.splitlines()
    assert re.fullmatch(
        r"Installing torch, Ray, .* into \.venv: about \d\.\d GB and \d minutes, .*", announcement
    )
    assert re.fullmatch(TIME, time)
    installed = (machine / "arguments").read_text().splitlines()
    assert [line.split()[-1] for line in installed] == ["torch==2.13.0", project]
    again = made(f".venv/{mark}", str(machine), folder=checkout)
    assert again.stdout == "make: '.venv/" + mark + "' is up to date.\n"


def test_an_environment_with_all_tools_is_enough_for_a_search(machine: Path, checkout: Path) -> None:
    environment_maker(machine, "exit 0")
    made(".venv/.ready-to-test", str(machine), folder=checkout)
    assert "up to date" in made(".venv/.ready", str(machine), folder=checkout).stdout


def test_pip_is_shown_in_full_where_it_failed(machine: Path, checkout: Path) -> None:
    environment_maker(machine, "echo no such version >&2; exit 1")
    done = made(".venv/.ready", str(machine), folder=checkout)
    assert done.returncode != 0
    assert done.stdout.splitlines()[1:] == ["Collecting", "no such version"]
    assert not (checkout / ".venv" / ".ready").exists()


def test_a_search_installs_no_tools_of_the_tests(machine: Path, checkout: Path) -> None:
    environment_maker(machine, "exit 0")
    done = made("search", str(machine), folder=checkout)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "search quickstart"
    assert "dev" not in (machine / "arguments").read_text()

"""Programs import the packages that a user names, from a folder that is read and never written."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from astraios_ray.errors import ConfigError, SandboxUnavailable
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.choose import choose_sandbox, packages_here
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.jail import landlock
from astraios_ray.sandbox.packages import NONE, Packages
from astraios_ray.sandbox.planted import breaches
from astraios_ray.sandbox.protocol import Execution, FunctionCheck, Limits, Sandbox
from astraios_ray.sandbox.warm_jail import become_nobody
from tests.sandbox.bait import Bait, planted
from tests.sandbox.suite import SUITE, Hostile

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
LIMITS = Limits(wall_seconds=60.0)
needs_landlock = pytest.mark.skipif(
    landlock.abi() < landlock.OLDEST_ABI, reason="no Landlock that is new enough"
)
LEVELS = [
    "bubblewrap",
    pytest.param(
        "landlock",
        marks=pytest.mark.skipif(
            landlock.abi() < landlock.OLDEST_ABI, reason="no Landlock that is new enough"
        ),
    ),
]
HOSTILE = [one for one in SUITE if one.kind.startswith("python") and one.quick]


@pytest.fixture(scope="module")
def environment() -> Iterator[Path]:
    """A virtual environment with one package, ``greeting``, and a secret beside it."""
    place = Path(tempfile.mkdtemp(prefix="astraios-ray-", dir="/var/tmp"))  # a jail has a /tmp of its own
    place.chmod(0o755)
    folder = place / "environment"
    python = find_interpreter(become_nobody())
    subprocess.run([python.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = folder / "lib" / f"python{python.minor}" / "site-packages"
    (packages / "greeting.py").write_text("import os\nPID = os.getpid()\nWORDS = 'good day'\n")
    install(packages, "Greeting", "1.2")
    (place / "secret").write_text("secret")
    yield folder
    close_jails()
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def bait() -> Iterator[Bait]:
    close_jails()  # running jails did not see the secret
    with planted() as planted_bait:
        yield planted_bait
    close_jails()


def install(packages: Path, name: str, version: str) -> None:
    about = packages / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def answer(sandbox: Sandbox, body: str, expected: object, warm: tuple[str, ...] = ()) -> Execution:
    """How a function ends that should return ``expected``."""
    check = FunctionCheck(f"import os\ndef f():\n    {body}\n", "f", f"assert f() == {expected!r}", warm=warm)
    return sandbox.run_checks([check], LIMITS)[0]


@pytest.fixture
def with_packages(level: str, environment: Path) -> Sandbox:
    return choose_sandbox(level, python=str(environment))


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_imports_the_packages_of_the_environment(with_packages: Sandbox) -> None:
    assert (
        answer(with_packages, "import greeting; return greeting.WORDS", "good day").outcome is Outcome.PASSED
    )
    assert with_packages.describe()["packages"] == "greeting==1.2"


@pytest.mark.parametrize("level", LEVELS)
def test_modules_are_imported_once_for_all_checks(with_packages: Sandbox) -> None:
    is_warm = "import greeting; return greeting.PID != os.getpid()"
    assert answer(with_packages, is_warm, True, ("greeting", "no.such.module")).outcome is Outcome.PASSED
    assert answer(with_packages, is_warm, False).outcome is Outcome.PASSED


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "attempt",
    [
        "open(greeting.__file__, 'a')",
        "open(os.path.dirname(greeting.__file__) + '/more.py', 'w')",
        "os.remove(greeting.__file__)",
        "os.rename(greeting.__file__, greeting.__file__ + '2')",
        "os.truncate(greeting.__file__, 0)",
        "os.chmod(greeting.__file__, 0o777)",
        "os.utime(greeting.__file__, (0, 0))",
    ],
)
def test_the_environment_cannot_be_changed(attempt: str, with_packages: Sandbox, environment: Path) -> None:
    before = {path: path.stat() for path in environment.rglob("*") if "__pycache__" not in str(path)}
    end = answer(with_packages, f"import greeting; {attempt}; return 1", 1)
    assert end.outcome is Outcome.RUNTIME_ERROR, end
    after = {path: path.stat() for path in environment.rglob("*") if "__pycache__" not in str(path)}
    assert [(s.st_mode, s.st_mtime, s.st_size) for s in before.values()] == [
        (s.st_mode, s.st_mtime, s.st_size) for s in after.values()
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_beside_the_packages_can_be_read(with_packages: Sandbox, environment: Path) -> None:
    for path in (environment.parent / "secret", environment / "pyvenv.cfg"):
        end = answer(with_packages, f"return open({str(path)!r}).read()", "")
        assert end.outcome is Outcome.RUNTIME_ERROR, end


def test_at_level_3_nothing_beside_the_packages_is_there(environment: Path) -> None:
    sandbox = choose_sandbox(python=str(environment))
    beside = f"return [os.listdir(path) for path in {[str(environment.parent), str(environment)]}]"
    assert answer(sandbox, beside, [["environment"], ["lib"]]).outcome is Outcome.PASSED


@pytest.mark.parametrize("level", LEVELS)
def test_canaries_are_held_beside_packages(with_packages: Sandbox) -> None:
    close_jails()
    assert breaches(with_packages) == []


@pytest.mark.parametrize("hostile", HOSTILE if ALL else HOSTILE[::30], ids=str)
def test_hostile_programs_are_held_beside_packages(hostile: Hostile, environment: Path, bait: Bait) -> None:
    sandbox = choose_sandbox(python=str(environment))
    (end,) = sandbox.run_checks([hostile.check(bait.fill(hostile.source))], hostile.limits)
    assert end.outcome in hostile.allowed, end
    assert bait.secret not in f"{end.detail} {end.output}"
    assert bait.reached() == []


def test_the_policy_says_which_versions_there_are(environment: Path) -> None:
    packages = packages_here(str(environment))
    newer = replace(packages, versions=("greeting==1.3",))
    policies = {Bubblewrap(packages=one).describe()["policy"] for one in (NONE, packages, newer)}
    assert len(policies) == 3


def test_a_machine_with_other_versions_judges_nothing(environment: Path) -> None:
    newer = Packages(str(environment), ("greeting==1.3",))
    with pytest.raises(SandboxUnavailable, match=r"differ in greeting==1\.2, greeting==1\.3; install"):
        Bubblewrap(packages=newer).check()


def test_default_is_numpy_where_the_jail_can_load_it(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = "import numpy; return int(numpy.arange(4).sum())"
    assert answer(choose_sandbox(), numpy, 6).outcome is Outcome.PASSED
    assert packages_here() == packages_here("numpy")
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.1")
    assert packages_here() == NONE
    with pytest.raises(ConfigError, match=r"=numpy: here it is for Python 3\.99\.1, and .* 3\.1"):
        packages_here("numpy")


def test_the_modules_that_packages_lack_are_named(environment: Path) -> None:
    packages, user = packages_here(str(environment)), become_nobody()
    assert packages.lacking(["greeting", "os.path", "pandas.core", "numpy"], user) == ["numpy", "pandas"]
    assert NONE.lacking(["greeting", "json"], user) == ["greeting"]


def _missing(folder: Path) -> str:
    return "there is no such folder; expected default, numpy, or the folder of a virtual environment"


def _plain(folder: Path) -> str:
    folder.mkdir()
    return rf"it is no virtual environment, since it holds no pyvenv\.cfg; make it by `.* -m venv {folder}`"


def _other_python(folder: Path) -> str:
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.99.1\n")
    return r"it is for Python 3\.99 \(pyvenv\.cfg\), and programs are run by Python 3\.1.*; make it by"


def _without_packages(folder: Path) -> str:
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return "it holds no lib/python3.*/site-packages; make it by"


def _below_tmp(folder: Path) -> str:
    packages = folder / "lib" / f"python{find_interpreter(become_nobody()).minor}" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return "a jail has a /tmp of its own; move the environment"


@pytest.mark.parametrize("make", [_missing, _plain, _other_python, _without_packages, _below_tmp])
def test_a_folder_that_cannot_be_used_is_refused(make: Callable[[Path], str]) -> None:
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        problem = make(place / "it")
        with pytest.raises(ConfigError, match=rf"^`sandbox_python`={place}/it: {problem}"):
            choose_sandbox(python=str(place / "it"))
    finally:
        shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can read what the jail's user cannot")
def test_an_environment_that_the_user_of_the_jail_cannot_read_is_refused(environment: Path) -> None:
    environment.chmod(0o700)
    try:
        with pytest.raises(ConfigError, match=r"the user of the jail cannot read it; `chmod -R a\+rX"):
            choose_sandbox(python=str(environment))
    finally:
        environment.chmod(0o755)

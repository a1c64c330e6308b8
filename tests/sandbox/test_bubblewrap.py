"""Running jails: how they start, are shared, are replaced and can be missing."""

import ast
import os
import pwd
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.records import Outcome
from astraios_ray.sandbox import jail, policy
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.canaries import CANARIES, PYTHON
from astraios_ray.sandbox.function_checks import check_function
from astraios_ray.sandbox.planted import breaches
from astraios_ray.sandbox.protocol import FunctionCheck, Limits
from astraios_ray.sandbox.roots import python_root
from astraios_ray.sandbox.warm_jail import WarmJail, become_nobody
from tests.fakes.sandboxes import OpenAir, TrustingSandbox

CHECK = FunctionCheck("def f(x):\n    return x * x\n", "f", "assert f(3) == 9")
SLEEPING = FunctionCheck("import time\n\ndef f(x):\n    time.sleep(60)\n", "f", "f(3)")


@pytest.fixture(autouse=True)
def jails(sandbox: Bubblewrap) -> Iterator[None]:
    """Every test starts and ends without a jail."""
    close_jails()
    yield
    close_jails()


def passes(sandbox: Bubblewrap) -> bool:
    (end,) = sandbox.run_checks([CHECK], Limits())
    return end.outcome is Outcome.PASSED


def jail_processes() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.name() == "bwrap"]


def test_one_jail_serves_many_checks_and_is_replaced_when_used_up() -> None:
    sandbox = Bubblewrap(checks_per_jail=3)
    pids = []
    for _ in range(6):
        assert passes(sandbox)
        pids.append([process.pid for process in jail_processes()])
    assert pids[0] == pids[1] != pids[3] == pids[4]
    assert pids[2] == pids[5] == []


def test_a_jail_outlives_the_thread_that_needed_it_first() -> None:
    results: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(passes(Bubblewrap())))
    thread.start()
    thread.join()
    (process,) = jail_processes()
    assert passes(Bubblewrap())
    assert results == [True]
    assert jail_processes() == [process]


def test_a_jail_killed_during_a_check_is_an_error_once_and_then_replaced() -> None:
    assert passes(Bubblewrap())
    (process,) = jail_processes()
    threading.Timer(2.0, process.kill).start()
    with pytest.raises(SandboxError, match="The jail broke"):
        Bubblewrap().run_checks([SLEEPING], Limits(wall_seconds=60.0))
    assert passes(Bubblewrap())


def test_no_descriptor_and_no_process_is_left_after_many_checks() -> None:
    count = psutil.Process().num_fds()
    Bubblewrap(checks_per_jail=7).run_checks([CHECK] * 20, Limits())
    close_jails()
    assert psutil.Process().num_fds() == count
    assert jail_processes() == []


def test_a_warm_jail_does_not_grow() -> None:
    warm = WarmJail(python_root(become_nobody()))
    try:
        for _ in range(5):
            check_function(warm, CHECK, Limits())
        (process,) = jail_processes()[-1:]
        zygote = process.children(recursive=True)[-1]
        usage = zygote.memory_info().rss, zygote.num_fds()
        for _ in range(40):
            check_function(warm, CHECK, Limits())
        assert zygote.memory_info().rss < 1.05 * usage[0]
        assert zygote.num_fds() == usage[1]
    finally:
        warm.close()


def test_a_program_too_long_for_any_model_does_not_load() -> None:
    long = FunctionCheck("#" * (1 << 21), "f", "f(1)")
    assert Bubblewrap().run_checks([long], Limits())[0].outcome is Outcome.LOAD_ERROR


def test_a_process_that_cannot_be_confined_is_no_verdict() -> None:
    with pytest.raises(SandboxError, match="could not be confined"):
        Bubblewrap().run_checks([CHECK], Limits(disk_mib=-1))


def test_time_and_wall_limits_are_the_callers() -> None:
    loop = FunctionCheck("import time\ndef f(x):\n    time.sleep(60)\n", "f", "f(3)")
    (end,) = Bubblewrap().run_checks([loop], Limits(wall_seconds=0.5))
    assert end.outcome is Outcome.TIMEOUT
    assert 0.5 <= end.wall_seconds < 30


@pytest.mark.parametrize("missing", ["bwrap", "prlimit", "ldd"])
def test_a_missing_program_is_named_with_its_package(
    missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from astraios_ray.sandbox.interpreter import find_interpreter

    find_interpreter.cache_clear()
    for name in {"bwrap", "prlimit", "setpriv", "ldd"} - {missing}:
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match=f"{missing} is missing: `apt-get install"):
        Bubblewrap().check()


def test_a_machine_that_refuses_namespaces_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    refusing.chmod(0o755)
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.is_relative_to(Path(tempfile.gettempdir())) and folder != Path(tempfile.gettempdir()):
            folder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnavailable, match="unprivileged_userns_clone"):
        Bubblewrap().check()


def test_a_score_can_tell_level_versions_and_policy() -> None:
    description = Bubblewrap().describe()
    assert description["level"] == 3
    assert all(description[name] for name in ("policy", "kernel", "bubblewrap", "libseccomp", "python"))


def test_every_file_of_the_jail_is_part_of_its_policy() -> None:
    folder = Path(jail.__file__).parent
    assert sorted(path.name for path in folder.glob("*.py")) == ["__init__.py", *sorted(policy.JAIL_FILES)]


@pytest.mark.parametrize("name", policy.JAIL_FILES)
def test_the_jail_imports_only_the_standard_library_and_itself(name: str) -> None:
    tree = ast.parse(policy.jail_texts()[name])
    imported = {
        module
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for module in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    package = "astraios_ray.sandbox.jail"
    assert {m for m in imported if m and not m.startswith(package)} <= sys.stdlib_module_names | {
        "collections.abc"
    }


@pytest.mark.parametrize("language", CANARIES)
def test_no_canary_gets_through(language: str) -> None:
    if {"c": "gcc", "java": "jlink"}.get(language) in missing_programs():
        pytest.skip(f"no compiler for {language}")
    assert breaches(Bubblewrap(), CANARIES[language]) == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["c", "java"])
def test_canaries_of_other_languages_fly_in_the_open(language: str, tmp_path: Path) -> None:
    if {"c": "gcc", "java": "jlink"}[language] in missing_programs():
        pytest.skip(f"no compiler for {language}")
    canaries = [
        canary for canary in CANARIES[language] if "virtual machine" not in canary.name or has_vsock()
    ]
    assert breaches(OpenAir(tmp_path), canaries) == [canary.name for canary in canaries]


def has_vsock() -> bool:
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def missing_programs() -> set[str]:
    return {name for name in ("gcc", "jlink") if shutil.which(name) is None}


def test_canaries_notice_a_sandbox_that_holds_nothing() -> None:
    harmless = [canary for canary in PYTHON if canary.target != "nothing" or "forge" in canary.name]
    assert breaches(TrustingSandbox(), harmless) == [canary.name for canary in harmless]


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="util-linux is not installed")
def test_the_unused_user_is_looked_up_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    command = become_nobody()
    monkeypatch.setattr(pwd, "getpwuid", lambda user: pytest.fail("looked up again"))
    assert become_nobody() == command

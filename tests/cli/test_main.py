"""The command line: what it loads, what it prints where, and what it exits with."""

import errno
import logging
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from astraios_ray.cli.main import COMMANDS, cli, main
from astraios_ray.errors import ConfigError, SandboxUnavailable

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    logger = logging.getLogger("astraios_ray")
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


def exit_code(args: Sequence[str]) -> int | str | None:
    with pytest.raises(SystemExit) as ending:
        main(args)
    return ending.value.code


def fresh(code: str) -> str:
    """What ``code`` prints in an interpreter of its own."""
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return process.stdout


def command_that(raises: BaseException) -> click.Command:
    @click.command("broken")
    def broken() -> None:
        raise raises

    return broken


def test_help_imports_nothing_heavy_and_names_every_command() -> None:
    out = fresh(
        "import sys\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print({'torch', 'ray', 'mlflow', 'optuna', 'peft', 'transformers', 'pydantic'} & set(sys.modules))\n"
    )
    assert out.endswith("set()\n")
    for name, (_, text) in COMMANDS.items():
        assert f"  {name}" in out
        assert text.split(",")[0] in out


@pytest.mark.parametrize("command", ["plan", "methods", "models", "schema", "search", "status", "export"])
def test_a_commands_help_imports_nothing_heavy(command: str) -> None:
    out = fresh(
        "import sys\n"
        "from astraios_ray.cli.main import main\n"
        f"try: main(['{command}', '--help'])\n"
        "except SystemExit: pass\n"
        "print({'torch', 'ray', 'mlflow', 'optuna', 'peft', 'transformers'} & set(sys.modules))\n"
    )
    assert "Usage: " in out
    assert out.endswith("set()\n")


def test_every_command_is_where_the_table_says() -> None:
    group = cli
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert isinstance(command, click.Command)
        assert command.name == name


def test_the_package_runs_as_a_module() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "astraios_ray", "schema"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith("{")
    assert process.stderr == ""


def test_the_versions_of_what_decides_results_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == 0
    printed = dict(line.split() for line in capsys.readouterr().out.splitlines())
    packages = ["ray", "torch", "peft", "transformers", "optuna", "mlflow"]
    assert list(printed) == ["astraios-ray", "python", *packages]
    assert printed["astraios-ray"] == version("astraios-ray")
    assert printed["python"] == platform.python_version()
    assert all(printed[name] == version(name) for name in packages)


def test_the_versions_are_printed_without_importing_what_they_are_of() -> None:
    out = fresh(
        "import sys\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "print({'torch', 'ray', 'mlflow', 'optuna', 'peft', 'transformers', 'pydantic'} & set(sys.modules))\n"
    )
    assert out.endswith("set()\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shells_completion_script_calls_this_program(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_ASTRAIOS_RAY_COMPLETE={shell}_complete" in script and "astraios-ray" in script


def test_the_script_of_bash_completes_commands_and_options(tmp_path: Path) -> None:
    program = tmp_path / "astraios-ray"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m astraios_ray "$@"\n')
    program.chmod(0o755)
    script = (
        f'PATH="{tmp_path}:$PATH"\n'
        'eval "$(astraios-ray completion bash)"\n'
        'complete_it() { COMPREPLY=(); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n'
        '_astraios_ray_completion astraios-ray; echo "${COMPREPLY[@]}"; }\n'
        "complete_it astraios-ray expl\ncomplete_it astraios-ray plan --js\n"
    )
    process = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("explain\n--json\n", "")


def test_a_shell_that_cannot_be_completed_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["completion", "tcsh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err


def test_a_command_that_imports_peft_prints_no_advice_of_bitsandbytes() -> None:
    code = (
        "import logging\n"
        "from astraios_ray.cli.main import main\n"
        "try: main(['methods'])\n"
        "except SystemExit: pass\n"
        "logging.getLogger('bitsandbytes.backends.cpu.ops').warning('Failed to load CPU gemm_4bit_forward')\n"
        "logging.getLogger('bitsandbytes.cextension').warning('another word of it')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "lora" in process.stdout
    assert process.stderr == "another word of it\n"


def test_an_unknown_command_exits_with_2_and_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["paln"]) == 2
    assert "No such command 'paln'. Did you mean 'plan'?" in capsys.readouterr().err


def test_an_unknown_option_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["schema", "--jsno"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_a_mistake_in_a_study_is_a_message_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.yaml").write_text("nmae: x\n")
    assert exit_code(["plan", str(tmp_path / "study.yaml")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "study.yaml:1: nmae: unknown key (did you mean 'name'?)" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("one thing"), 2, "Error: one thing\n"),
        (ConfigError("one\ntwo"), 2, "Errors:\none\ntwo\n"),
        (SandboxUnavailable("no bubblewrap"), 5, "Error: no bubblewrap\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (click.UsageError("no such thing"), 2, "Error: no such thing"),
    ],
)
def test_every_expected_ending_has_its_exit_code(
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(type(cli), "get_command", lambda *_: command_that(error))
    assert exit_code(["plan"]) == code
    assert message in capsys.readouterr().err


def test_an_unexpected_error_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(cli), "get_command", lambda *_: command_that(RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        main(["plan"])


@pytest.mark.parametrize("where", [None, "runs/t/journal.jsonl"])
def test_a_full_disk_is_a_sentence_with_the_way_on(
    where: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", where)
    monkeypatch.setattr(type(cli), "get_command", lambda *_: command_that(full))
    assert exit_code(["plan"]) == 1
    beginning = f"Error: {where}: No space" if where else "Error: No space"
    message = capsys.readouterr().err
    assert message.startswith(f"{beginning} left on device. What was done before is kept;")
    assert message.endswith("the same command goes on.\n")


def test_a_refused_rename_names_the_place_that_could_not_be_replaced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = OSError(errno.EISDIR, "Is a directory", "runs/t/.status.9", None, "runs/t/status.json")
    monkeypatch.setattr(type(cli), "get_command", lambda *_: command_that(refused))
    assert exit_code(["plan"]) == 2
    assert capsys.readouterr().err.startswith("Error: runs/t/status.json: Is a directory. Give another path")


def use_a_file_as_a_folder(folder: Path) -> None:
    (folder / "file").touch()
    (folder / "file" / "run").mkdir()


def follow_a_loop(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    (folder / "loop" / "run").mkdir()


def use_a_dangling_link(folder: Path) -> None:
    (folder / "link").symlink_to("nowhere")
    (folder / "link").mkdir(exist_ok=True)


def use_a_long_name(folder: Path) -> None:
    (folder / ("a" * 5000)).mkdir()


def write_to_proc(folder: Path) -> None:
    Path("/proc/run").mkdir()


@pytest.mark.parametrize(
    "use",
    [use_a_file_as_a_folder, follow_a_loop, use_a_dangling_link, use_a_long_name, write_to_proc],
    ids=lambda use: use.__name__,
)
def test_a_path_that_cannot_be_used_is_a_sentence_with_it(
    use: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        type(cli), "get_command", lambda *_: click.Command("x", callback=lambda: use(tmp_path))
    )
    assert exit_code(["plan"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("Error: /")
    assert "Give another path" in message
    assert len(message) < 600


def test_an_option_can_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASTRAIOS_RAY_MODELS_AS_JSON", "1")
    assert exit_code(["models"]) == 0
    assert capsys.readouterr().out.startswith("{")


def test_a_reader_who_leaves_early_causes_no_traceback() -> None:
    process = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m astraios_ray schema | head -c 1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.stdout == "{"
    assert "Traceback" not in process.stderr

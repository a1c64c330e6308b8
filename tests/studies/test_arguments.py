"""Arguments of the Python API: wrong ones are refused, by the name that they have where they were given."""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import astraios_ray as ar
from astraios_ray.cli.main import COMMANDS, cli
from astraios_ray.cli.shared_options import option_of

PACKAGE = Path(__file__).parents[2] / "astraios_ray"
NANO = "builtin:nano-xs"
OF_OTHERS = {  # options in constants and messages that are not ours to rename
    ("config/overrides.py", "--set"),  # cites the flag that was given
    ("models/load_base.py", "--revision"),  # of `hf download`
    ("on_ray/cluster.py", "--address"),  # of `ray status`
    ("tasks/security/bandit_judge.py", "--quiet"),  # of bandit
}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ar.plan("quickstart", 4), "overrides: found 4; expected {"),  # type: ignore[arg-type]
        (lambda: ar.plan("quickstart", None), "overrides: found None; expected {"),  # type: ignore[arg-type]
        (lambda: ar.plan("quickstart", [("a.b", 2)]), "found ('a.b', 2) in a list; expected {"),  # type: ignore[list-item]
        (lambda: ar.plan("quickstart", {4: 4}), "overrides[4]: expected key.key"),  # type: ignore[dict-item]
        (lambda: ar.search("quickstart", progress="yes"), "`progress`: found 'yes'"),  # type: ignore[arg-type]
        (lambda: ar.search("quickstart", backend="local", address="a:1"), "it goes with `backend` ray"),
        (
            lambda: ar.search("quickstart", backend="local", sandbox="docker"),
            "`sandbox`: found 'docker'; there are bubblewrap and landlock",
        ),
        (lambda: ar.evaluate("primer", NANO, samples=0), "`samples`: found 0, expected a whole number, 1"),
        (lambda: ar.evaluate("primer", NANO, samples="2"), "`samples`: found '2'"),  # type: ignore[arg-type]
        (lambda: ar.evaluate("primer", NANO, limit=0), "`limit`: found 0"),
        (lambda: ar.evaluate("primer", NANO, max_new_tokens=0), "`max_new_tokens`: found 0"),
        (lambda: ar.evaluate("primer", NANO, temperature=-1), "`temperature`: found -1"),
        (lambda: ar.evaluate("primer", NANO, temperature=float("nan")), "`temperature`: found nan"),
        (lambda: ar.evaluate("primer", NANO, top_p=0), "`top_p`: found 0, expected a number above 0"),
        (lambda: ar.evaluate("primer", NANO, device="gpu7"), "`device`: 'gpu7' cannot be used"),
        (lambda: ar.evaluate("primer"), "`model`: is needed"),
        (lambda: ar.show_evaluator("primer", row=-1), "`row`: found -1"),
        (lambda: ar.show_evaluator("primer", options="held_out"), "`options` held_out: expected KEY=VALUE"),
        (lambda: ar.judge("no.jsonl", jobs=0), "`jobs`: found 0"),
        (lambda: ar.judge("no.jsonl", language="ada"), "`language` ada `mode` function: there are python"),
        (lambda: ar.score("primer", "no.json", limit=True), "`limit`: found True"),
        (lambda: ar.perturb("no.jsonl", category="format", seeds=[-1]), "`seeds`: found -1"),
        (lambda: ar.reproduce("run", "lora", tolerance=-1), "`tolerance`: found -1"),
        (lambda: ar.write_report("run", price_per_hour=-1), "`price_per_hour`: found -1"),
        (lambda: ar.compare("quickstart"), "two or more different runs; found quickstart"),
        (lambda: ar.ood("quickstart"), "quickstart: no such run folder"),
        (lambda: ar.load_exported("nowhere"), "nowhere: is no exported trial, which has a file spec.json"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name_before_anything_is_done(
    call: Callable[[], object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ar.errors.ConfigError) as refused:
        call()
    assert message in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_options_of_an_evaluator_may_be_one_text() -> None:
    assert ar.show_evaluator("primer", options="held_out=true").options == {"held_out": True}


def test_an_error_names_the_argument_to_a_program_and_the_option_to_a_command() -> None:
    with pytest.raises(ar.errors.ConfigError) as of_program:
        ar.evaluate("primer")
    of_command = CliRunner().invoke(cli, ["evaluate", "primer"]).exception
    assert str(of_program.value).startswith("`model`: is needed")
    assert str(of_command).startswith("--model: is needed")
    assert str(of_command).replace("--model", "`model`") == str(of_program.value)


def test_only_arguments_that_an_error_carries_are_renamed() -> None:
    error = ar.errors.ConfigError("/a`to`b: choose another `out` as `trial`.", arguments=["out"])
    error.rename_arguments(option_of)
    assert str(error) == "/a`to`b: choose another --out as `trial`."


def options() -> Mapping[str, set[str]]:
    """The options of each command."""
    commands = {name: cli.get_command(click.Context(cli), name) for name in COMMANDS}
    return {
        name: {text for parameter in command.params for text in parameter.opts if text.startswith("--")}
        for name, command in commands.items()
        if command
    }


def constants(node: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def arguments_of_errors() -> Iterator[str]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and hasattr(ar.errors, ast.unparse(node.func)):
                for keyword in node.keywords:
                    yield from constants(keyword.value)


def test_what_errors_call_an_argument_is_one_of_the_api_and_has_an_option() -> None:
    functions: list[Any] = [getattr(ar, name) for name in ar.HOMES if name[0].islower()]
    parameters = {name for function in functions for name in inspect.signature(function).parameters}
    names = set(arguments_of_errors())
    assert len(names) > 10 and names <= parameters
    offered = set[str]().union(*options().values())
    assert {option_of(name) for name in names - {"progress"}} <= offered


def test_no_error_below_the_command_line_names_an_option() -> None:
    ours = set[str]().union(*options().values())
    named = {
        (str(path.relative_to(PACKAGE)), word)
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "cli"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise | ast.Assign)
        for text in constants(node)
        for word in text.replace("=", " ").replace(".", " ").split()
        if word.strip("`(),:") in ours
    }
    assert named == OF_OTHERS

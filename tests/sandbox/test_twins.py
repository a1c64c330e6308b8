"""Without isolation the attempts succeed, so it is the jail that stops them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from astraios_ray import sandbox as walls
from astraios_ray.sandbox.protocol import FunctionCheck, JavaCheck, UnitTestCheck
from tests.sandbox.bait import SECRETS, Bait, planted
from tests.sandbox.suite import SUITE, Hostile, is_sampled

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
TWINS = [hostile for hostile in SUITE if hostile.twin.startswith("itself")]
COMPILE = """
class Compile {
    public static void main(String[] folders) {
        var javac = javax.tools.ToolProvider.getSystemJavaCompiler();
        for (String folder : folders) {
            var sources = new java.util.ArrayList<>(java.util.List.of("-nowarn", "-d", folder));
            for (var file : new java.io.File(folder).listFiles()) sources.add(file.getPath());
            if (javac.run(null, null, null, sources.toArray(new String[0])) != 0) System.exit(1);
        }
    }
}
"""


@pytest.fixture(scope="module")
def bait() -> Iterator[Bait]:
    with planted() as planted_bait:
        yield planted_bait


def of(*kinds: str) -> list[object]:
    return [pytest.param(hostile, id=hostile.name) for hostile in TWINS if hostile.kind in kinds]


def source_of(hostile: Hostile, bait: Bait, folder: Path) -> str:
    """The source, with ``folder`` instead of /tmp, so that no file is left outside."""
    if hostile.twin.endswith("as root") and os.geteuid() != 0:
        pytest.skip("only root can")
    return bait.fill(hostile.source.replace("/tmp/", f"{folder}/"))


def run(*command: str, folder: Path, stdin: str = "3\n") -> str:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", *SECRETS)}
    process = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return process.stdout


@pytest.mark.parametrize("hostile", of("python_function", "python_program"))
def test_python_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    check = hostile.check(source_of(hostile, bait, tmp_path))
    program = f"{check.source}\n{check.test}\n" if isinstance(check, FunctionCheck) else check.source
    (tmp_path / "program.py").write_text(program)
    output = run(sys.executable, "-S", "program.py", folder=tmp_path)
    assert isinstance(check, FunctionCheck) or output.strip() == "9"


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize("hostile", of("c_program"))
def test_c_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    (tmp_path / "source.c").write_text(source_of(hostile, bait, tmp_path))
    run("gcc", "-w", "-std=gnu11", "-o", "program", "source.c", "-lm", folder=tmp_path)
    assert run("./program", folder=tmp_path).strip() == "9"


@pytest.fixture(scope="module")
def java(bait: Bait, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Folders with the classes of every twin, compiled by one JVM."""
    root = tmp_path_factory.mktemp("java")
    folders = {}
    for hostile in (twin for twin in TWINS if twin.kind.startswith("java")):
        folder = folders[str(hostile)] = root / str(hostile)
        folder.mkdir()
        check = hostile.check(bait.fill(hostile.source.replace("/tmp/", f"{folder}/")))
        (folder / "Solution.java").write_text(check.source)
        if isinstance(check, JavaCheck):
            (folder / "Main.java").write_text(check.test)
    (root / "Compile.java").write_text(COMPILE)
    run("java", "-XX:TieredStopAtLevel=1", "Compile.java", *map(str, folders.values()), folder=root)
    return folders


@pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK is installed")
@pytest.mark.parametrize("hostile", of("java_function", "java_program"))
def test_java_does_it_where_nothing_isolates(hostile: Hostile, java: Mapping[str, Path]) -> None:
    main = "Main" if hostile.kind == "java_function" else "Program"
    flags = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-ea", "-cp", ".")
    output = run("java", *flags, main, folder=java[str(hostile)])
    assert main == "Main" or output.strip() == "9"


@pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")
@pytest.mark.parametrize("hostile", of("cpp_function"))
def test_cpp_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    check = unit_test_of(hostile, bait, tmp_path)
    wall = Path(walls.__file__).parent / "walls" / "cpp" / "wall.hpp"  # for its headers
    text = f'#include "{wall}"\nusing namespace std;\n{check.source}\n#include <assert.h>\n{check.test}'
    (tmp_path / "program.cpp").write_text(text)
    run("g++", "-w", "-std=c++11", "-o", "program", "program.cpp", "-pthread", folder=tmp_path)
    run("./program", folder=tmp_path)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.parametrize("hostile", of("js_function"))
def test_node_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    check = unit_test_of(hostile, bait, tmp_path)
    strict = "console.assert = (holds) => { if (!holds) throw new Error(); };\n"
    (tmp_path / "program.js").write_text(f"{strict}{check.source}\n{check.test}")
    run("node", "program.js", folder=tmp_path)


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not installed")
@pytest.mark.parametrize("hostile", of("go_function"))
def test_go_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    check = unit_test_of(hostile, bait, tmp_path)
    (tmp_path / "program.go").write_text(check.source)
    (tmp_path / "program_test.go").write_text(check.test)
    run("go", "mod", "init", "program", folder=tmp_path)
    run("go", "test", "-vet=off", folder=tmp_path)


@pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")
@pytest.mark.parametrize("hostile", of("rust_function"))
def test_rust_does_it_where_nothing_isolates(hostile: Hostile, bait: Bait, tmp_path: Path) -> None:
    check = unit_test_of(hostile, bait, tmp_path)
    (tmp_path / "program.rs").write_text(f"{check.source}\n{check.test}")
    run("rustc", "-Awarnings", "--test", "-o", "program", "program.rs", folder=tmp_path)
    run("./program", folder=tmp_path)


def unit_test_of(hostile: Hostile, bait: Bait, folder: Path) -> UnitTestCheck:
    if not ALL and not is_sampled(hostile):
        pytest.skip("takes long; ASTRAIOS_RAY_ALL_TESTS=1 runs it")
    check = hostile.check(source_of(hostile, bait, folder))
    assert isinstance(check, UnitTestCheck)
    return check


def test_most_denials_have_a_twin() -> None:
    assert len(TWINS) > 120

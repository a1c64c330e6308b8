"""Go: compiler and linker run on archives of the standard library that are gathered once a machine."""

import json
import re
import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from astraios_ray.errors import DataError, SandboxUnavailable
from astraios_ray.sandbox.c import compiling, run_job_of
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.languages.language import Half
from astraios_ray.sandbox.machine_folder import made_once, run
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.roots import Root, program
from astraios_ray.sandbox.wall_sources import walls_digest, write_wall

PACKAGES = "golang-go golang-github-stretchr-testify-dev"
ADDRESS_SPACE_MIB = 2048  # Go reserves more than it uses
OLDEST = (1, 19)
_SOURCES = "/usr/share/gocode"  # where Debian keeps Go packages as sources
_TESTIFY = "github.com/stretchr/testify/assert"
_THREADS = 64
_SIGNATURE = re.compile(r"func\s+(?P<name>[A-Z]\w*)\s*(?P<type>\(.*)", re.DOTALL)
_PACKAGE = re.compile(r"^\s*package\s+\w+", re.MULTILINE)

_SERVE = """\
package main

import (
	"solution"
	"wall"
)

func main() {{ wall.Serve((func{type})(solution.{name})) }}
"""
_STAND_IN = """\
package main

import (
	"fmt"
	"os"
	"testing"
	"wall"
)

var {name} = wall.StandIn[func{type}]()

func main() {{
	passed := true
	for name, test := range map[string]func(*testing.T){{{tests}}} {{
		t, end := new(testing.T), make(chan bool)
		go func() {{ // FailNow ends its goroutine
			defer close(end)
			test(t)
		}}()
		<-end
		if t.Failed() {{
			passed = false
			fmt.Fprintln(os.Stderr, name, "failed")
		}}
	}}
	wall.Leave(passed)
}}
"""


@dataclass(frozen=True)
class Go:
    """Go with its standard library, and testify for the tests."""

    name: str = "go"

    def compiler_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        return Root(find_interpreter(as_user), (f"{_goroot()}/pkg", str(_prepared())))

    def program_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language. A Go program needs no file at all."""
        return Root(find_interpreter(as_user))

    def test_half(self, check: UnitTestCheck) -> Half:
        """See Language. ``test`` is a whole file, as ``go test`` takes it."""
        names = re.findall(r"^func (Test\w*)\(", check.test, re.MULTILINE)
        tests = ", ".join(f'"{name}": {name}' for name in names)
        main = _STAND_IN.format(**_signature(check.signature), tests=tests)
        files = {"test.go": _in_package("main", check.test), "main.go": main}
        return Half({**files, "importcfg": _importcfg()}, (_compile("main", *files), _link()))

    def function_half(self, check: UnitTestCheck) -> Half:
        """See Language. The program is a package of its own, so it may have a ``main``."""
        files = {
            "solution.go": _in_package("solution", check.source),
            "main.go": _SERVE.format(**_signature(check.signature)),
            "importcfg": _importcfg(),
        }
        return Half(files, (_compile("solution", "solution.go"), _compile("main", "main.go"), _link()))

    def job(self, program: bytes, limits: Limits) -> Job:
        """See Language."""
        job = run_job_of(program, "")
        soft = f"{limits.memory_mib}MiB"
        return replace(job, environment={**job.environment, "GOMAXPROCS": "2", "GOMEMLIMIT": soft})

    def compiler_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return replace(compiling(limits), memory_mib=ADDRESS_SPACE_MIB)

    def program_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return replace(limits, memory_mib=ADDRESS_SPACE_MIB, processes=max(_THREADS, limits.processes))


def _in_package(name: str, text: str) -> str:
    """The text with this name in its package clause, which it gets when it has none."""
    clause = f"package {name}"
    return _PACKAGE.sub(clause, text, count=1) if _PACKAGE.search(text) else f"{clause}\n{text}"


def _signature(text: str) -> dict[str, str]:
    match = _SIGNATURE.fullmatch(text.strip())
    if not match:
        raise DataError(f"signature {text!r}: expected an exported Go function, as `func Twice(x int) []int`")
    return match.groupdict()


def _compile(package: str, *files: str) -> tuple[str, ...]:
    options = ("-p", package, "-complete", "-pack", "-importcfg", "/tmp/importcfg")
    return (_tool("compile"), *options, "-o", f"/tmp/{package}.a", *(f"/tmp/{name}" for name in files))


def _link() -> tuple[str, ...]:
    return (_tool("link"), "-importcfg", "/tmp/importcfg", "-s", "-w", "-o", "/tmp/out", "/tmp/main.a")


@cache
def _goroot() -> str:
    return str(Path(run([program("go", PACKAGES), "env", "GOROOT"]).strip()).resolve())


@cache
def _tool(name: str) -> str:
    folder = run([program("go", PACKAGES), "env", "GOTOOLDIR"]).strip()
    return str(Path(folder).resolve() / name)


@cache
def _importcfg() -> str:
    """The list of all archives for compiler and linker."""
    return _packages(_prepared()) + "packagefile solution=/tmp/solution.a\n"


def _packages(folder: Path) -> str:
    archives: dict[str, str] = json.loads((folder / "archives.json").read_text())
    return "".join(f"packagefile {name}={folder / path}\n" for name, path in archives.items())


@cache
def _prepared() -> Path:
    """The folder with the archives of all packages, and the list that names them."""
    version = re.search(r"go(\d+)\.(\d+)", run([program("go", PACKAGES), "env", "GOVERSION"]))
    if not version or tuple(map(int, version.groups())) < OLDEST:
        found = version[0] if version else "unknown"
        raise SandboxUnavailable(f"{found} is too old, 1.19 is needed: `apt-get install {PACKAGES}`.")
    if not Path(_SOURCES, "src", _TESTIFY).is_dir():
        raise SandboxUnavailable(f"Go's package {_TESTIFY} is missing: `apt-get install {PACKAGES}`.")
    return made_once(f"{version[0]}-{walls_digest('go')}", _prepare)


def _prepare(folder: Path) -> None:
    cache = folder / "cache"
    line = "{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}"
    found = run(
        [program("go", PACKAGES), "list", "-export", "-deps", "-f", line, "std", _TESTIFY],
        GO111MODULE="off",
        GOPATH=_SOURCES,
        GOFLAGS="",
        CGO_ENABLED="0",
        GOCACHE=str(cache),
    )
    archives = dict(text.split() for text in found.splitlines())
    for name, path in archives.items():
        if Path(path).is_relative_to(cache):  # one of the standard library may lie beside Go itself
            archives[name] = f"{name.replace('/', '_')}.a"
            Path(path).rename(folder / archives[name])
    shutil.rmtree(cache)
    (folder / "archives.json").write_text(json.dumps({**archives, "wall": "wall.a"}))
    (folder / "importcfg").write_text(_packages(folder))
    sources = write_wall("go", folder)
    options = ("-p", "wall", "-complete", "-pack", "-importcfg", str(folder / "importcfg"))
    run([_tool("compile"), *options, "-o", str(folder / "wall.a"), *sources])


LANGUAGE = Go()

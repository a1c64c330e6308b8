"""C++: both halves are compiled by g++ with a header that is precompiled once a machine."""

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

from astraios_ray.errors import DataError, SandboxUnavailable
from astraios_ray.sandbox.c import compiling, run_job_of
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.languages.language import Half
from astraios_ray.sandbox.languages.parameters import split_parameters
from astraios_ray.sandbox.machine_folder import made_once, run
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.roots import Root, program, toolchain_root
from astraios_ray.sandbox.wall_sources import walls_digest, write_wall

PACKAGES = "g++ libboost-dev libssl-dev"
_STANDARDS = ("c++11", "c++17")  # of HumanEvalPack's harness, which names nothing else, and of MultiPL-E's
_FLAGS = ("-O0", "-w", "-fmax-errors=5")
_LIBRARIES = ("-Wl,--as-needed", "-lssl", "-lcrypto")  # for one row
# A test that looks behind the end of a wrong answer must fail, and not read what happens to be there.
_HALVES = {"test": (*_FLAGS, "-D_GLIBCXX_ASSERTIONS"), "function": _FLAGS}
_NEEDED = ("/usr/include/boost/any.hpp", "/usr/include/openssl/md5.h")
_SIGNATURE = re.compile(r"(?P<result>.*?[\s&*>])(?P<name>\w+)\s*\((?P<parameters>.*)\)\s*", re.DOTALL)

_TEST = """\
using namespace std;
static astraios::Watch astraios_watch;
{helpers}
using astraios_result = astraios::Plain<{result}>;
static astraios_result astraios_stand_in({parameters}) {{ return astraios::call<astraios_result>({names}); }}
#define {name} astraios_stand_in
{test}
"""
_FUNCTION = """\
using namespace std;
{source}
static {result} astraios_function({parameters}) {{ return {name}({names}); }}
int main() {{ return astraios::serve(astraios_function); }}
"""


@dataclass(frozen=True)
class Cpp:
    """C++ with the standard library, Boost's ``any`` and OpenSSL, as HumanEvalPack's rows need them."""

    name: str = "cpp"

    def compiler_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        root = toolchain_root(as_user)
        return replace(root, folders=(*root.folders, str(_prepared())))

    def program_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        return Root(find_interpreter(as_user), (), _libraries())

    def test_half(self, check: UnitTestCheck) -> Half:
        """See Language. The stand-in has a name of its own, since ``strlen`` names a function of C too."""
        return _half("test", _TEST, check)

    def function_half(self, check: UnitTestCheck) -> Half:
        """See Language."""
        return _half("function", _FUNCTION, check)

    def job(self, program: bytes, limits: Limits) -> Job:
        """See Language."""
        return run_job_of(program, "")

    def compiler_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return compiling(limits)

    def program_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return limits


def _half(name: str, template: str, check: UnitTestCheck) -> Half:
    text = template.format(
        **_signature(check.signature), source=check.source, test=check.test, helpers=check.helpers
    )
    header = str(_prepared() / check.standard / name / "wall.hpp")
    flags = (f"-std={check.standard}", *_HALVES[name])
    command = ("/usr/bin/g++", *flags, "-pipe", "-include", header, "/tmp/source.cpp", *_LIBRARIES)
    return Half({"source.cpp": text}, ((*command, "-o", "/tmp/out"),))


def _signature(text: str) -> dict[str, str]:
    """The result, name, parameters and their names."""
    match = _SIGNATURE.fullmatch(text.strip())
    names = (
        [re.search(r"(\w+)\s*$", part) for part in split_parameters(match["parameters"])] if match else [None]
    )
    if not match or None in names:
        raise DataError(f"signature {text!r}: expected a C++ function, as `vector<int> f(string s, int n)`")
    parts = {key: value.strip() for key, value in match.groupdict().items()}
    return {**parts, "names": ", ".join(name[1] for name in names if name)}


@cache
def _prepared() -> Path:
    """The folder with the precompiled headers and a sample program."""
    compiler = program("g++", PACKAGES)
    missing = [path for path in _NEEDED if not Path(path).exists()]
    if missing:
        raise SandboxUnavailable(f"C++ needs {missing[0]}, which is missing: `apt-get install {PACKAGES}`.")
    version = run([compiler, "-dumpfullversion"]).strip()
    return made_once(f"cpp-{version}-{walls_digest('cpp')}", _prepare)


def _prepare(folder: Path) -> None:
    for standard, (name, flags) in product(_STANDARDS, _HALVES.items()):
        (folder / standard / name).mkdir(parents=True)
        write_wall("cpp", folder / standard / name)
        header = str(folder / standard / name / "wall.hpp")
        run(["g++", f"-std={standard}", *flags, "-x", "c++-header", header, "-o", f"{header}.gch"])
    (folder / "sample.cpp").write_text("int main() {}\n")
    libraries = ("-Wl,--no-as-needed", "-lssl", "-lcrypto")
    run(["g++", str(folder / "sample.cpp"), *libraries, "-o", str(folder / "sample")])


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(shared_objects([str(_prepared() / "sample")]))


LANGUAGE = Cpp()

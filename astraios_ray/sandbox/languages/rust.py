"""Rust: rustc compiles one crate against a shared standard library, and crates that are built once."""

import re
import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from astraios_ray.errors import DataError, SandboxUnavailable
from astraios_ray.sandbox.c import compiling, run_job_of
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.languages.language import Half
from astraios_ray.sandbox.machine_folder import made_once, open_to_jails, run
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.roots import Root, program, toolchain_root
from astraios_ray.sandbox.wall_sources import walls_digest, write_wall

PACKAGES = "rustc cargo librust-regex-dev librust-rand-dev librust-md5-dev"
_DEBIAN = "/usr/bin/rustc"
_CRATES = ("rand", "regex", "md5")  # that the rows use
_REGISTRY = Path("/usr/share/cargo/registry")  # where Debian keeps crates as sources
_FLAGS = ("--edition=2021", "-Cprefer-dynamic", "-Cdebuginfo=0", "-Clinker=gcc", "-Awarnings")
_MEMORY_MIB = 2048  # of the compiler
_SIGNATURE = re.compile(
    r"(?P<name>\w+)\s*(?P<generics><[^(]*>)?\s*\((?P<parameters>.*?)\)\s*(?:->\s*(?P<result>.+))?", re.DOTALL
)
_CARRIED = re.compile(
    r"'\w+|\b(?:[iu](?:8|16|32|64|128|size)|f32|f64|bool|char|str|String|Vec|VecDeque|Option|Result|HashMap|HashSet"
    r"|BTreeMap|BTreeSet|Box|dyn|Any|mut)\b"
)

_TEST = """\
{helpers}
fn {name}{generics}({parameters}) -> {result} {{
    let mut astraios_out = Vec::new();
    {puts}
    ::astraios_wall::call(astraios_out)
}}
{test}
#[cfg(test)]
mod zz_astraios {{
    #[test]
    fn the_test_called_the_function() {{ ::astraios_wall::require_calls() }}
}}
"""
_FUNCTION = """\
mod solution {{
{source}
    pub fn astraios_answer(input: &mut ::astraios_wall::Reader, out: &mut Vec<u8>) {{
        let value = {name}({takes});
        {put}(&value, out)
    }}
}}
fn main() {{ ::astraios_wall::serve(solution::astraios_answer) }}
"""


@dataclass(frozen=True)
class Rust:
    """Rust with its standard library and the crates rand, regex and md5."""

    name: str = "rust"

    def compiler_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        root, sysroot = toolchain_root(as_user), _sysroot()
        own = "/usr/lib/rustlib" if sysroot == "/usr" else sysroot
        itself = (f"{sysroot}/bin/rustc", "/proc/self/exe")  # rustc panics where it cannot find itself
        return replace(root, folders=(*root.folders, own, str(_prepared()), str(_crates())), links=(itself,))

    def program_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        return Root(find_interpreter(as_user), (), _libraries())

    def test_half(self, check: UnitTestCheck) -> Half:
        """See Language. What a program answers in a type of its own is compared by its text."""
        parts = _signature(check.signature)
        result = parts["result"]
        text = _TEST.format(
            **{**parts, "result": result if _is_carried(result) else f"::astraios_wall::Shown<{result}>"},
            helpers=check.helpers,
            puts="".join(f"::astraios_wall::Put::put(&{name}, &mut astraios_out);" for name in _names(parts)),
            test=check.test,
        )
        return _half(text, "--test")

    def function_half(self, check: UnitTestCheck) -> Half:
        """See Language. The program is a module, so it may have a ``main``."""
        parts = _signature(check.signature)
        text = _FUNCTION.format(
            name=parts["name"],
            source=check.source,
            takes=", ".join("::astraios_wall::take(input)" for _ in _names(parts)),
            put=f"::astraios_wall::{'Put::put' if _is_carried(parts['result']) else 'put_shown'}",
        )
        return _half(text)

    def job(self, program: bytes, limits: Limits) -> Job:
        """See Language. The arguments are for a test; the other half reads none."""
        return replace(run_job_of(program, ""), arguments=("program", "--test-threads=1", "--nocapture"))

    def compiler_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return replace(compiling(limits), memory_mib=_MEMORY_MIB)

    def program_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return limits


def _half(text: str, *flags: str) -> Half:
    folder = _prepared()
    built = [path for name in _CRATES for path in sorted(_crates().glob(f"lib{name}-*.rlib"))]
    crates = [f"--extern={path.stem[3:].split('-')[0]}={path}" for path in built]
    wall = f"--extern=astraios_wall={folder}/libastraios_wall.rlib"
    command = (f"{_sysroot()}/bin/rustc", *_FLAGS, *flags, f"-Ldependency={_crates()}", *crates, wall)
    return Half({"main.rs": text}, ((*command, *_rpath(), "-o", "/tmp/out", "/tmp/main.rs"),))


def _signature(text: str) -> dict[str, str]:
    match = _SIGNATURE.fullmatch(text.strip().removeprefix("pub ").removeprefix("fn "))
    if not match:
        raise DataError(f"signature {text!r}: expected a Rust function, as `twice(x: i32) -> Vec<i32>`")
    return {**match.groupdict(default=""), "result": match["result"] or "()"}


def _names(parts: dict[str, str]) -> list[str]:
    """The names of the parameters: what stands in front of a colon, outside of types."""
    return re.findall(r"(?:^|,)\s*(?:mut\s+)?(\w+)\s*:(?!:)", parts["parameters"])


def _is_carried(kind: str) -> bool:
    """Whether a type has only parts that cross as values."""
    return not re.search(r"\w", _CARRIED.sub("", kind))


@cache
def _sysroot() -> str:
    """The folder of a Rust that the jail's user can read: the one on PATH, else Debian's."""
    for compiler in dict.fromkeys([program("rustc", PACKAGES), _DEBIAN]):
        if Path(compiler).exists():
            folder = run([compiler, "--print", "sysroot"]).strip()
            if open_to_jails(Path(folder)):
                return folder
    raise SandboxUnavailable(f"Rust is where a jail's user cannot read it: `apt-get install {PACKAGES}`.")


@cache
def _rpath() -> tuple[str, ...]:
    folder = run([f"{_sysroot()}/bin/rustc", "--print", "target-libdir"]).strip()
    return (f"-Clink-arg=-Wl,-rpath,{folder}",)


@cache
def _version() -> str:
    return run([f"{_sysroot()}/bin/rustc", "--version"]).split()[1]


@cache
def _prepared() -> Path:
    """The folder with the wall and a sample program."""
    return made_once(f"rust-{_version()}-{walls_digest('rust')}", _prepare)


def _prepare(folder: Path) -> None:
    compiler = f"{_sysroot()}/bin/rustc"
    write_wall("rust", folder)
    library = ("--crate-type=rlib", "--crate-name=astraios_wall", "--out-dir", str(folder))
    run([compiler, *_FLAGS, "-O", *library, str(folder / "wall.rs")])
    (folder / "sample.rs").write_text("fn main() {}\n")
    run([compiler, *_FLAGS, "--test", *_rpath(), "-o", str(folder / "sample"), str(folder / "sample.rs")])


@cache
def _crates() -> Path:
    """The folder with the crates and all that they need."""
    missing = [name for name in _CRATES if not list(_REGISTRY.glob(f"{name}-[0-9]*"))]
    if missing:
        raise SandboxUnavailable(f"Rust's crate {missing[0]} is missing: `apt-get install {PACKAGES}`.")
    if not Path(_sysroot(), "bin", "cargo").exists():
        raise SandboxUnavailable(f"{_sysroot()}/bin/cargo is missing: `apt-get install {PACKAGES}`.")
    return made_once(f"rustcrates-{_version()}", _build_crates)


def _build_crates(folder: Path) -> None:
    build = folder / "build"
    (build / "src").mkdir(parents=True)
    (build / "src" / "lib.rs").write_text("")
    needs = "".join(f'{name} = "*"\n' for name in _CRATES)
    package = '[package]\nname = "crates"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n'
    (build / "Cargo.toml").write_text(package + needs)
    (build / "home").mkdir()
    source = f'[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "{_REGISTRY}"\n'
    (build / "home" / "config.toml").write_text(source)
    run(
        [f"{_sysroot()}/bin/cargo", "build", "--release", "--offline"],
        build,
        CARGO_HOME=str(build / "home"),
        CARGO_PROFILE_RELEASE_OPT_LEVEL="1",  # which takes half of the time to build
        RUSTC=f"{_sysroot()}/bin/rustc",
    )
    for path in (build / "target" / "release" / "deps").glob("*.rlib"):
        path.rename(folder / path.name)
    shutil.rmtree(build)


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(shared_objects([str(_prepared() / "sample")]))


LANGUAGE = Rust()

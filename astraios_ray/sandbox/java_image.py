"""The Java inside the jails: a small image made once of the installed JDK, and our own classes."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from platformdirs import user_cache_path

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.roots import Root, program

OLDEST = 17
PACKAGES = "openjdk-17-jdk-headless"
SHARED_BY_ALL = Path(
    "/var/cache/astraios-ray"
)  # where root keeps it: the jail's user may not read root's own
_MODULES = "java.base"  # no sun.misc.Unsafe, no attach, no instrumentation

FLAGS = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-ea", "-Xss16m"),
    *("-XX:-UsePerfData", "-XX:-UseContainerSupport"),  # both want /proc or /tmp
    *("-XX:+DisableAttachMechanism", "-XX:MaxMetaspaceSize=96m", "-XX:CompressedClassSpaceSize=48m"),
    *("-XX:ReservedCodeCacheSize=48m", "-XX:MaxDirectMemorySize=16m", "-XX:ErrorFile=/dev/null"),
    *("-Xlog:disable", "-Xlog:all=warning:stderr"),  # not among what a program prints, or answers
)
ARCHIVE = "/tmp/program.jar"  # the checked classes, inside a jail
ADDRESS_SPACE_MIB = 4096  # a JVM reserves much more than it uses; its heap is what is bounded


@dataclass(frozen=True)
class Java:
    """Folders of one machine. ``jdk`` compiles and tests, ``image`` runs what nobody trusts."""

    version: str
    jdk: str
    image: str
    classes: str

    def command(self, home: str, heap_mib: int, *arguments: str) -> tuple[str, ...]:
        """A JVM of ``home``, which finds our classes, and those of the archive."""
        path = f"{self.classes}:{ARCHIVE}"
        return (f"{home}/bin/java", *FLAGS, f"-Xmx{heap_mib}m", "-cp", path, *arguments)

    def environment(self, home: str) -> Mapping[str, str]:
        """What the JVM sees. Without /proc it cannot find its own libraries."""
        return {"LD_LIBRARY_PATH": f"{home}/lib:{home}/lib/server", "HOME": "/tmp", "LANG": "C.UTF-8"}


@cache
def find_java() -> Java:
    """The installed JDK and the image of it, which takes some seconds the first time.

    Raises SandboxUnavailable when there is no JDK of version 17 or newer.
    """
    jdk = Path(os.path.realpath(program("javac", PACKAGES))).parents[1]
    version = _version(jdk)
    if int(version.split(".")[0]) < OLDEST:
        raise SandboxUnavailable(
            f"Java {version} is too old: `apt-get install {PACKAGES}`, and put it first on PATH."
        )
    folder = _folder() / f"java-{version}-{java_digest()}"
    if not folder.is_dir():
        _make(jdk, folder)
    return Java(version, str(jdk), str(folder / "image"), str(folder / "classes"))


def image_root(as_user: tuple[str, ...]) -> Root:
    """What an untrusted JVM sees."""
    java = find_java()
    return Root(find_interpreter(as_user), (java.image, java.classes), _libraries(java.image))


def jdk_root(as_user: tuple[str, ...]) -> Root:
    """What the JVM sees that compiles and tests."""
    java = find_java()
    settings = {os.path.dirname(os.path.realpath(path)) for path in Path(java.jdk, "conf").rglob("*")}
    folders = sorted({java.jdk, java.classes} | {path for path in settings if path.startswith("/etc/java")})
    return Root(find_interpreter(as_user), tuple(folders), _libraries(java.jdk))


@cache
def _libraries(home: str) -> tuple[str, ...]:
    binaries = [f"{home}/bin/java", *map(str, sorted(Path(home, "lib").rglob("*.so")))]
    return tuple(path for path in shared_objects(binaries) if not path.startswith(home))


def _version(jdk: Path) -> str:
    said = subprocess.run([jdk / "bin" / "javac", "-version"], capture_output=True, text=True, check=True)
    return (said.stdout + said.stderr).split()[-1]


@cache
def java_digest() -> str:
    """12 hexadecimal digits over our Java sources and the flags of every JVM; no Java need be there."""
    digest = hashlib.sha256(repr((_MODULES, FLAGS)).encode())
    for source in _sources():
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    with as_file(files("astraios_ray.sandbox") / "java") as folder:
        yield from sorted(folder.rglob("*.java"))


def _folder() -> Path:
    """A folder that the jail's user can read, where we can write."""
    own = Path(os.environ.get("ASTRAIOS_RAY_CACHE") or user_cache_path("astraios-ray")).absolute()
    open_to_all = all(path.stat().st_mode & 0o001 for path in (own, *own.parents) if path.exists())
    folder = own if os.geteuid() or open_to_all else SHARED_BY_ALL
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _make(jdk: Path, folder: Path) -> None:
    """Made aside and then renamed: another process may be making it too."""
    jlink = jdk / "bin" / "jlink"
    if not jlink.exists():
        raise SandboxUnavailable(f"{jlink} is missing: `apt-get install {PACKAGES}`.")
    aside = Path(tempfile.mkdtemp(prefix="java-", dir=folder.parent))
    try:
        sources = [str(path) for path in _sources()]
        _run([str(jdk / "bin" / "javac"), "-nowarn", "-d", str(aside / "classes"), *sources])
        image = str(aside / "image")
        _run([str(jlink), "--add-modules", _MODULES, "--output", image, "--strip-debug", "--no-man-pages"])
        _run([f"{image}/bin/java", "-Xshare:dump"])
        _run(["chmod", "-R", "a+rX", str(aside)])
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SandboxUnavailable(f"{' '.join(command[:2])} failed: {(done.stderr or done.stdout)[-500:]}")

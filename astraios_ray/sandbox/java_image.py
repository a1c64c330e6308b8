"""Make the Java for the jails: a small image of the installed JDK, and our own classes."""

import hashlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import as_file, files
from pathlib import Path

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.machine_folder import made_once, run
from astraios_ray.sandbox.roots import Root, program

OLDEST = 17
PACKAGES = "openjdk-17-jdk-headless"
_MODULES = "java.base"  # no sun.misc.Unsafe, no attach, no instrumentation

FLAGS = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-ea", "-Xss16m"),
    *("-XX:-UsePerfData", "-XX:-UseContainerSupport"),  # both want /proc or /tmp
    *("-XX:+DisableAttachMechanism", "-XX:MaxMetaspaceSize=96m", "-XX:CompressedClassSpaceSize=48m"),
    *("-XX:ReservedCodeCacheSize=48m", "-XX:MaxDirectMemorySize=16m", "-XX:ErrorFile=/dev/null"),
    *("-Xlog:disable", "-Xlog:all=warning:stderr"),  # keep messages apart from the output of a program
)
ARCHIVE = "/tmp/program.jar"  # the checked classes, inside a jail
ADDRESS_SPACE_MIB = 4096  # a JVM reserves much more than it uses, so its heap is bounded instead


@dataclass(frozen=True)
class Java:
    """Folders of one machine: ``jdk`` compiles and tests, ``image`` runs untrusted classes."""

    version: str
    jdk: str
    image: str
    classes: str

    def command(self, home: str, heap_mib: int, *arguments: str) -> tuple[str, ...]:
        """The command of a JVM of ``home`` with our classes and those of the archive."""
        path = f"{self.classes}:{ARCHIVE}"
        return (f"{home}/bin/java", *FLAGS, f"-Xmx{heap_mib}m", "-cp", path, *arguments)

    def environment(self, home: str) -> Mapping[str, str]:
        """The environment of a JVM, with the path of its libraries, which it cannot find without /proc."""
        return {"LD_LIBRARY_PATH": f"{home}/lib:{home}/lib/server", "HOME": "/tmp", "LANG": "C.UTF-8"}


@cache
def find_java() -> Java:
    """The installed JDK and its image; making the image takes some seconds once.

    Raises SandboxUnavailable when there is no JDK of version 17 or newer.
    """
    jdk = Path(os.path.realpath(program("javac", PACKAGES))).parents[1]
    version = _version(jdk)
    if int(version.split(".")[0]) < OLDEST:
        raise SandboxUnavailable(
            f"Java {version} is too old: `apt-get install {PACKAGES}`, and put it first on PATH."
        )
    folder = made_once(f"java-{version}-{java_digest()}", partial(_make, jdk))
    return Java(version, str(jdk), str(folder / "image"), str(folder / "classes"))


def image_root(as_user: tuple[str, ...]) -> Root:
    """The root of an untrusted JVM."""
    java = find_java()
    return Root(find_interpreter(as_user), (java.image, java.classes), _libraries(java.image))


def jdk_root(as_user: tuple[str, ...]) -> Root:
    """The root of the JVM that compiles and tests."""
    java = find_java()
    settings = {os.path.dirname(os.path.realpath(path)) for path in Path(java.jdk, "conf").rglob("*")}
    folders = sorted({java.jdk, java.classes} | {path for path in settings if path.startswith("/etc/java")})
    return Root(find_interpreter(as_user), tuple(folders), _libraries(java.jdk))


@cache
def _libraries(home: str) -> tuple[str, ...]:
    binaries = [f"{home}/bin/java", *map(str, sorted(Path(home, "lib").rglob("*.so")))]
    return tuple(path for path in shared_objects(binaries) if not path.startswith(home))


def _version(jdk: Path) -> str:
    process = subprocess.run([jdk / "bin" / "javac", "-version"], capture_output=True, text=True, check=True)
    return (process.stdout + process.stderr).split()[-1]


@cache
def java_digest() -> str:
    """12 hexadecimal digits over our Java sources and the flags of every JVM; needs no Java."""
    digest = hashlib.sha256(repr((_MODULES, FLAGS)).encode())
    for source in _sources():
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    with as_file(files("astraios_ray.sandbox") / "java") as folder:
        yield from sorted(folder.rglob("*.java"))


def _make(jdk: Path, folder: Path) -> None:
    jlink = jdk / "bin" / "jlink"
    if not jlink.exists():
        raise SandboxUnavailable(f"{jlink} is missing: `apt-get install {PACKAGES}`.")
    sources = [str(path) for path in _sources()]
    run([str(jdk / "bin" / "javac"), "-nowarn", "-d", str(folder / "classes"), *sources])
    image = str(folder / "image")
    run([str(jlink), "--add-modules", _MODULES, "--output", image, "--strip-debug", "--no-man-pages"])
    run([f"{image}/bin/java", "-Xshare:dump"])

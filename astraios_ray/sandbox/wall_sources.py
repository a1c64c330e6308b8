"""The sources of the walls: the code of each language that carries values between a test and a function."""

import hashlib
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path


@cache
def wall_source(language: str, name: str) -> str:
    """The text of one file."""
    return (files("astraios_ray.sandbox") / "walls" / language / name).read_text()


def write_wall(language: str, folder: Path) -> list[str]:
    """Write the files of one language into a folder; return their paths."""
    paths = []
    with as_file(files("astraios_ray.sandbox") / "walls" / language) as sources:
        for source in sorted(sources.iterdir()):
            paths.append(str(folder / source.name))
            Path(paths[-1]).write_bytes(source.read_bytes())
    return paths


@cache
def walls_digest(language: str = "*") -> str:
    """12 hexadecimal digits over the files of one language, or of all."""
    digest = hashlib.sha256()
    with as_file(files("astraios_ray.sandbox") / "walls") as folder:
        for path in sorted(folder.glob(f"{language}/*")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]

"""What must hold in the section ``data``: its sources exist, and its template can be read."""

import re
from collections.abc import Iterator
from pathlib import Path as File

import jinja2
import jinja2.meta

from astraios_ray.config.config_problems import Path, near
from astraios_ray.config.sources import SourceConfig, ValidationConfig, is_pattern, source_places
from astraios_ray.config.study import DataConfig
from astraios_ray.path_kinds import exists, is_folder

BUILTIN_DATA = ("primer", "simscood")
TEMPLATE_NAMES = ("astraios", "chat", "none", "fim")
VARIABLES = ("prompt", "completion", "system", "bos_token", "eos_token")  # of a Jinja text
GENERATION = re.compile(r"\{%-?\s*(end)?generation\s*-?%\}")  # a tag of transformers, not of Jinja
DATA_SUFFIXES = (
    *(suffix + end for suffix in (".jsonl", ".json", ".csv") for end in ("", ".gz", ".zst")),
    ".parquet",
)

Check = tuple[tuple[Path, ...], str]  # the keys compared, the first being the one to blame; what is wrong

TEMPLATE: Path = ("data", "template")
SYSTEM: Path = ("data", "system")


def of_data(data: DataConfig) -> Iterator[Check]:
    """Every source that does not exist, and every mistake in the template."""
    for path, source in source_places(data.train, data.validation):
        yield from _source(path, source, data)
    yield from _weights(data)
    yield from _template(data)


def _source(path: Path, source: SourceConfig | ValidationConfig, data: DataConfig) -> Iterator[Check]:
    name = source.source
    if name is None:
        if source.split is None:
            yield (path,), "names neither a source nor a split of the training rows; write one"
        return
    if text := no_builtin(name, BUILTIN_DATA):
        yield (path,), text
    local = is_local(name) or is_pattern(name)
    if not local and (name.endswith(DATA_SUFFIXES) or name.startswith(("/", ".", "~"))):
        yield (path,), missing_path(name)
    elif not local and not name.startswith("builtin:") and (source.revision or data.revision) is None:
        yield (("data", "revision"), path), unpinned(name)


def _weights(data: DataConfig) -> Iterator[Check]:
    train = data.train if isinstance(data.train, tuple) else ()
    without = [place for place, source in enumerate(train) if source.weight is None]
    if without and len(without) < len(train):
        path: Path = ("data", "train", without[0])
        yield (path,), "has no weight, and other sources have one; give each a weight, or none"


def _template(data: DataConfig) -> Iterator[Check]:
    template = data.template
    is_jinja = "{" in template
    if not is_jinja and template not in TEMPLATE_NAMES:
        names = ", ".join(TEMPLATE_NAMES)
        text = f"there is no template {template!r}{near(template, TEMPLATE_NAMES)}"
        yield (
            (TEMPLATE,),
            f"{text}; known: {names}, or a Jinja text with {{{{ prompt }}}} and {{{{ completion }}}}",
        )
    if is_jinja and (text := jinja_fault(template)):
        yield (TEMPLATE,), text
    has_system = template == "chat" or (is_jinja and re.search(r"\b(system|messages)\b", template))
    if data.system is not None and not has_system:
        yield (
            (SYSTEM, TEMPLATE),
            "the template has no place for a system's text; write chat, or leave system out",
        )


def jinja_fault(template: str) -> str:
    """What is wrong with a template in Jinja; empty where nothing is."""
    environment = jinja2.Environment()
    try:
        names = jinja2.meta.find_undeclared_variables(environment.parse(GENERATION.sub("", template)))
    except jinja2.TemplateSyntaxError as error:
        return f"not readable as Jinja: line {error.lineno}: {error.message}"
    if "messages" in names:
        return ""
    unknown = sorted(names - set(VARIABLES))
    if unknown:
        return (
            f"there is no variable {unknown[0]}{near(unknown[0], VARIABLES)}; known: {', '.join(VARIABLES)}"
        )
    missing = [name for name in ("prompt", "completion") if name not in names]
    return f"has no {{{{ {missing[0]} }}}}; it writes prompt and completion, or messages" if missing else ""


def no_builtin(value: str, names: tuple[str, ...]) -> str:
    """What is wrong with ``value`` where it names something built in that is not there."""
    kind, _, name = value.partition(":")
    if kind != "builtin" or name in names:
        return ""
    options = ", ".join(f"builtin:{option}" for option in names)
    return f"there is no {value}{near(name, names)}; known: {options}"


def unpinned(value: str) -> str:
    """The mistake of a hub id without a revision."""
    return f"{value} is not built in and no file here, and a hub id needs a revision: a commit or a tag"


def is_local(value: str) -> bool:
    """Whether ``value`` is a file or folder, seen from the current folder."""
    return exists(File(value).expanduser())


def missing_path(value: str) -> str:
    """The mistake of a file that is not there."""
    path = File(value).expanduser()
    siblings = sorted(p.name for p in path.parent.iterdir()) if is_folder(path.parent) else []
    return f"no file {value}{near(path.name, siblings)}; paths are seen from the current folder, {File.cwd()}"

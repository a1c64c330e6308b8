"""YAML as plain values with the place of each, strictly: no duplicate keys, tags, bombs or surprises."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import yaml

from astraios_ray.config.config_problems import ConfigProblem, Path, dotted
from astraios_ray.errors import ConfigError

MAX_BYTES = 200_000  # of one file
MAX_DEPTH = 30  # mappings and lists inside each other
MAX_VALUES = 10_000  # after aliases are expanded: a bomb of a few lines has billions

_SAFE_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "timestamp")}
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9][\d_]*)(\.[\d_]*)?([eE][-+]?\d+)?$|[-+]?\.\d[\d_]*([eE][-+]?\d+)?$")


@dataclass
class Document:
    """The values of one YAML text, where each was written, and all that is wrong with it."""

    value: Any = None  # dict, tuple, str, bool, int, float or None
    places: dict[Path, str] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)
    bad: set[Path] = field(default_factory=set)  # where a problem stands in for the value


def read(text: str | bytes, at: Callable[[int], str]) -> Document:
    """Read one YAML document. ``at`` names the origin of a line (from 1). Never raises for bad text."""
    document = Document(places={(): at(1)})
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        _check_size(decoded)
        node = yaml.compose(decoded, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        document.problems.append(
            ConfigProblem(at(1), "", f"byte {error.start} is not UTF-8; save the file as UTF-8")
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        document.problems.append(ConfigProblem(at(mark.line + 1 if mark else 1), "", _syntax(error, decoded)))
    except (yaml.YAMLError, _TooBig) as error:
        document.problems.append(ConfigProblem(at(1), "", f"not readable as YAML: {error}"))
    else:
        if node is not None:
            _Builder(document, at).build_root(node)
    return document


def read_file(path: File) -> Document:
    """Read the YAML file ``path``. Raises ConfigError when it cannot be opened."""
    inside = path.is_absolute() and path.is_relative_to(File.cwd())
    shown = path.relative_to(File.cwd()) if inside else path
    try:
        return read(path.read_bytes(), lambda line: f"{shown}:{line}")
    except OSError as error:
        raise ConfigError(f"{shown}: not readable: {error.strerror}") from error


class _TooBig(Exception):
    """The text is larger or deeper than any study."""


def _check_size(text: str) -> None:
    if len(text) > MAX_BYTES:
        raise _TooBig(f"{len(text)} characters, at most {MAX_BYTES} are read")
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):  # a flat walk: deep nesting cannot overflow it
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _TooBig(f"more than {MAX_DEPTH} mappings and lists inside each other")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or "not readable as YAML"
    mark = error.problem_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if "\t" in line:
        return "a tab; YAML is indented with spaces"
    if "expected a single document" in str(error):
        return "a second document after '---'; one file is one study"
    return f"not readable as YAML: {problem}" + (f" ({error.context})" if error.context else "")


class _Builder:
    """Turns composed nodes into values, with a cap on what aliases may expand to."""

    def __init__(self, document: Document, at: Callable[[int], str]) -> None:
        self._document = document
        self._at = at
        self._budget = MAX_VALUES
        self._scalars = yaml.constructor.SafeConstructor()

    def build_root(self, node: yaml.Node) -> None:
        try:
            self._document.value = self._build(node, (), ())
        except _TooBig as error:
            self._complain(node, (), str(error))

    def _build(self, node: yaml.Node, path: Path, above: tuple[yaml.Node, ...]) -> Any:
        self._budget -= 1
        if self._budget < 0:
            raise _TooBig(f"more than {MAX_VALUES} values once aliases are expanded; write them out")
        if any(node is parent for parent in above):
            raise _TooBig("an alias that contains itself; write the value out")
        self._document.places.setdefault(path, self._at(node.start_mark.line + 1))
        if node.tag.startswith("tag:yaml.org,2002:python") or node.tag.startswith("!"):
            return self._complain(node, path, f"the tag {_tag(node)}; only plain values are read")
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, path, (*above, node)))
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return tuple(self._build(item, (*path, i), (*above, node)) for i, item in items)
        assert isinstance(node, yaml.ScalarNode)  # there is no fourth kind
        return self._scalar(node, path)

    def _items(
        self, node: yaml.MappingNode, path: Path, above: tuple[yaml.Node, ...]
    ) -> Iterator[tuple[str, Any]]:
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            if key in lines:
                text = f"the key is written twice, first in line {lines[key]}; keep one of the two"
                self._remark(key_node, (*path, key), text)
                continue
            lines[key] = key_node.start_mark.line + 1
            self._document.places[(*path, key)] = self._at(lines[key])
            yield key, self._build(value_node, (*path, key), above)

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if node.tag == "tag:yaml.org,2002:merge":
            self._remark(node, path, "the merge key '<<'; write the keys out, or use 'defaults'")
        elif not isinstance(node, yaml.ScalarNode):
            self._remark(node, path, "a list or mapping as a key; keys are text")
        elif node.tag != "tag:yaml.org,2002:str":
            meant = node.tag.rsplit(":", 1)[-1]
            self._remark(
                node, path, f"the key `{node.value}` is read as {meant}; keys are text: put it in quotes"
            )
        else:
            return str(node.value)
        return None

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        kind = node.tag.rsplit(":", 1)[-1]
        if node.tag not in _SAFE_TAGS:
            return self._complain(node, path, f"the tag {_tag(node)}; only plain values are read")
        if kind == "timestamp":
            return str(node.value)
        if kind == "bool" and node.value.lower() not in ("true", "false"):
            text = (
                f"`{node.value}` is a truth value in YAML 1.1; write true or false, or quote it for the text"
            )
            return self._complain(node, path, text)
        if kind in ("int", "float"):
            return self._number(node, path, kind)
        if "\0" in node.value:
            return self._complain(node, path, "a NUL character, which no name or path may have; leave it out")
        return (
            None
            if kind == "null"
            else node.value
            if kind == "str"
            else self._scalars.construct_yaml_bool(node)
        )

    def _number(self, node: yaml.ScalarNode, path: Path, kind: str) -> Any:
        if kind == "float" and node.value.lower().lstrip("+-") in (".inf", ".nan"):
            return self._complain(node, path, f"`{node.value}` is not a finite number; write one")
        if not _PLAIN_NUMBER.match(node.value):
            odd = "an octal, hex, binary or base-60 number in YAML 1.1"
            text = f"`{node.value}` is {odd}; write it in decimals, or in quotes for the text"
            return self._complain(node, path, text)
        if len(node.value) > 40:
            return self._complain(node, path, f"a number of {len(node.value)} digits; write a shorter one")
        plain = node.value.replace("_", "")
        value = int(plain) if kind == "int" else float(plain)
        if not math.isfinite(value):
            return self._complain(node, path, f"`{node.value}` is not a finite number; write one")
        return value

    def _complain(self, node: yaml.Node, path: Path, text: str) -> None:
        self._document.bad.add(path)
        self._remark(node, path, text)

    def _remark(self, node: yaml.Node, path: Path, text: str) -> None:
        self._document.problems.append(ConfigProblem(self._at(node.start_mark.line + 1), dotted(path), text))


def _tag(node: yaml.Node) -> str:
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")

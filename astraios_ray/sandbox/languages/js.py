"""JavaScript: both halves run in node; nothing is compiled."""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from astraios_ray.errors import DataError
from astraios_ray.sandbox.interpreter import find_interpreter, shared_objects
from astraios_ray.sandbox.languages.language import Half
from astraios_ray.sandbox.policy import ENVIRONMENT
from astraios_ray.sandbox.programs import Job
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.sandbox.roots import Root, program
from astraios_ray.sandbox.wall_sources import wall_source

PACKAGES = "nodejs"
ADDRESS_SPACE_MIB = 4096  # node reserves much more than it uses, so its heap is bounded instead
_THREADS = 64
_SIGNATURE = re.compile(r"(?:const|let|var|function)\s+(?P<name>[\w$]+)\b.*", re.DOTALL)
_FLAGS = ("--v8-pool-size=1", "--no-warnings", "--random-seed=1")  # the same verdict in every run
_FILES = ("/usr/share/nodejs", "/usr/share/node_modules")  # Debian keeps parts of node's library there
_MODULES = "node_modules/js-md5/index.js"

_TEST = """\
const {{ call: astraiosCall, watch: astraiosWatch }} = require('/tmp/wall.js'); astraiosWatch();
{helpers}
const {name} = astraiosCall;
{test}
"""


@dataclass(frozen=True)
class JavaScript:
    """JavaScript as ``node program.js`` runs it, with the module js-md5."""

    name: str = "js"

    def compiler_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        return self.program_root(as_user)

    def program_root(self, as_user: tuple[str, ...], /) -> Root:
        """See Language."""
        node = _node()
        folders = tuple(folder for folder in _FILES if Path(folder).is_dir())
        return Root(find_interpreter(as_user), folders, (node, *_libraries(node)))

    def test_half(self, check: UnitTestCheck) -> Half:
        """See Language."""
        test = _TEST.format(name=_name(check.signature), helpers=check.helpers, test=check.test)
        return Half({"main.js": test, "wall.js": wall_source("js", "wall.js")})

    def function_half(self, check: UnitTestCheck) -> Half:
        """See Language."""
        serve = f"require('/tmp/wall.js').serve('/tmp/solution.js', '{_name(check.signature)}');\n"
        return Half(
            {
                "main.js": serve,
                "solution.js": check.source,
                "wall.js": wall_source("js", "wall.js"),
                _MODULES: wall_source("js", "js_md5.js"),
            }
        )

    def job(self, program: bytes, limits: Limits) -> Job:
        """See Language."""
        heap = f"--max-old-space-size={limits.memory_mib}"
        return Job(
            "installed",
            program,
            filter="program",
            arguments=(_node(), *_FLAGS, heap, "/tmp/main.js"),
            environment={**ENVIRONMENT, "UV_USE_IO_URING": "0", "NODE_NO_WARNINGS": "1"},
        )

    def compiler_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return limits

    def program_limits(self, limits: Limits) -> Limits:
        """See Language."""
        return replace(limits, memory_mib=ADDRESS_SPACE_MIB, processes=max(_THREADS, limits.processes))


def _name(signature: str) -> str:
    match = _SIGNATURE.fullmatch(signature.strip())
    if not match:
        raise DataError(f"signature {signature!r}: expected a JavaScript function, as `const f = (x, n)`")
    return match["name"]


@cache
def _node() -> str:
    return str(Path(program("node", PACKAGES)).resolve())


@cache
def _libraries(node: str) -> tuple[str, ...]:
    return tuple(shared_objects([node]))


LANGUAGE = JavaScript()

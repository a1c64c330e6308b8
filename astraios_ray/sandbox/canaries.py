"""Programs that test the sandbox: each tries to reach something planted that it must not reach."""

from dataclasses import dataclass, field

from astraios_ray.sandbox.protocol import Check, FunctionCheck, JavaCheck, ProgramCheck
from astraios_ray.sandbox.unit_test_canaries import FREE, TARGETS, probe, probe_check

MARK = "canary"  # the name of a process that tries to outlive its check


@dataclass(frozen=True)
class Canary:
    """A program that answers "free", or the planted secret, when nothing stops it.

    C reads its target and prints its answer; every other language has a ``probe(target)``.
    """

    name: str
    source: str
    target: str  # file | environment | port | new_file | nothing
    language: str = field(default="python", kw_only=True)

    def check(self, target: str, secret: str) -> Check:
        """A check that passes when the canary got through."""
        if self.language == "python":
            test = f"assert probe({target!r}) in ({FREE!r}, {secret!r})"
            return FunctionCheck(self.source, "probe", test)
        if self.language in UNIT_TESTED:
            return probe_check(self.language, self.source, target, secret)
        if self.language == "c":
            output = secret if self.target in ("file", "environment") else FREE
            return ProgramCheck("c", self.source, target, output)
        return JavaCheck(self.source, _MAIN.format(target=target, free=FREE, secret=secret))


_MAIN = (
    "class Main {{ public static void main(String[] a) throws Exception {{"
    ' Object said = new Solution().probe("{target}");'
    ' if (!said.equals("{free}") && !said.equals("{secret}")) throw new AssertionError(); }} }}'
)

PYTHON = (
    Canary(
        "read a file of this machine",
        "def probe(target):\n    with open(target) as file:\n        return file.read()\n",
        "file",
    ),
    Canary(
        "see a variable of our environment",
        "import os\ndef probe(target):\n    return os.environ.get(target)\n",
        "environment",
    ),
    Canary(
        "connect to this machine",
        "import socket\ndef probe(target):\n"
        "    socket.create_connection(('127.0.0.1', int(target)), 2).close()\n    return 'free'\n",
        "port",
    ),
    Canary(
        "write outside of its folder",
        "def probe(target):\n    open(target, 'w').close()\n    return 'free'\n",
        "new_file",
    ),
    Canary(
        "start a process",
        "import os\ndef probe(target):\n    child = os.fork()\n    if child == 0:\n        os._exit(0)\n"
        "    os.waitpid(child, 0)\n    return 'free'\n",
        "nothing",
    ),
    Canary(
        "speak to the host of a virtual machine",
        "import socket\ndef probe(target):\n"
        "    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()\n    return 'free'\n",
        "nothing",
    ),
    Canary(
        "trace a process",
        "import ctypes\ndef probe(target):\n"
        "    return 'free' if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 'held'\n",
        "nothing",
    ),
    Canary(
        "forge an answer",
        "class Anything(str):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = str.__hash__\n"
        "def probe(target):\n    return Anything()\n",
        "nothing",
    ),
    Canary(
        "outlive its check",
        f"import ctypes, threading, time\ndef probe(target):\n"
        f"    ctypes.CDLL(None).prctl(15, b'{MARK}', 0, 0, 0)\n"
        f"    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n    return 'held'\n",
        "nothing",
    ),
)


def _c(name: str, target: str, body: str) -> Canary:
    headers = ("stdio.h", "stdlib.h", "string.h", "unistd.h", "sys/socket.h", "sys/ptrace.h", "sys/wait.h")
    included = "".join(f"#include <{header}>\n" for header in (*headers, "netinet/in.h", "arpa/inet.h"))
    start = 'int main(void) { char target[500] = ""; if (!fgets(target, 500, stdin)) target[0] = 0;'
    return Canary(name, f"{included}{start} {body} return 0; }}\n", target, language="c")


C = (
    _c(
        "read a file of this machine",
        "file",
        'FILE *f = fopen(target, "r"); char s[99]; if (f && fgets(s, 99, f)) puts(s);',
    ),
    _c("see a variable of our environment", "environment", 'char *s = getenv(target); puts(s ? s : "");'),
    _c(
        "connect to this machine",
        "port",
        "struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(target)),"
        " .sin_addr = {htonl(INADDR_LOOPBACK)}}; int s = socket(AF_INET, SOCK_STREAM, 0);"
        ' if (connect(s, (struct sockaddr *) &a, sizeof a) == 0) puts("free");',
    ),
    _c("write outside of its folder", "new_file", 'if (fopen(target, "w")) puts("free");'),
    _c(
        "start a process",
        "nothing",
        'int p = fork(); if (p == 0) _exit(0); if (p > 0) { waitpid(p, 0, 0); puts("free"); }',
    ),
    _c(
        "speak to the host of a virtual machine",
        "nothing",
        'if (socket(AF_VSOCK, SOCK_STREAM, 0) >= 0) puts("free");',
    ),
    _c("trace a process", "nothing", 'if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) puts("free");'),
)


def _java(name: str, target: str, body: str) -> Canary:
    source = f"class Solution {{ public Object probe(String target) throws Exception {{ {body} }} }}\n"
    return Canary(name, source, target, language="java")


JAVA = (
    _java(
        "read a file of this machine",
        "file",
        "return java.nio.file.Files.readString(java.nio.file.Path.of(target));",
    ),
    _java(
        "see a variable of our environment",
        "environment",
        'String said = System.getenv(target); return said == null ? "" : said;',
    ),
    _java(
        "connect to this machine",
        "port",
        'new java.net.Socket("127.0.0.1", Integer.parseInt(target)).close(); return "free";',
    ),
    _java(
        "write outside of its folder",
        "new_file",
        'java.nio.file.Files.writeString(java.nio.file.Path.of(target), "x"); return "free";',
    ),
    _java(
        "start a process",
        "nothing",
        'new ProcessBuilder("/usr/bin/python3", "-c", "pass").start().waitFor(); return "free";',
    ),
    _java(
        "forge an answer",
        "nothing",
        "return new Object() { public boolean equals(Object other) { return true; } };",
    ),
)

UNIT_TESTED = {
    language: tuple(
        Canary(name, probe(language, name), target, language=language) for name, target in TARGETS.items()
    )
    for language in ("cpp", "js", "go", "rust")
}
CANARIES = {"python": PYTHON, "c": C, "java": JAVA, **UNIT_TESTED}

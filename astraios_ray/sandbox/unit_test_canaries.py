"""Canaries in the languages that are judged by unit tests: each has a ``probe`` of a target."""

from dataclasses import dataclass

from astraios_ray.sandbox.protocol import UnitTestCheck

FREE = "free"  # the answer of a probe that did something forbidden
TARGETS = {
    "read a file of this machine": "file",
    "see a variable of our environment": "environment",
    "connect to this machine": "port",
    "write outside of its folder": "new_file",
    "start a process": "nothing",
}


@dataclass(frozen=True)
class _Language:
    """How a probe is declared and tested; ``bodies`` are in the order of TARGETS."""

    signature: str
    program: str
    test: str
    bodies: tuple[str, str, str, str, str]


_LANGUAGES = {
    "cpp": _Language(
        "string probe(string target)",
        "#include <sys/socket.h>\n#include <netinet/in.h>\n#include <sys/wait.h>\n"
        "string probe(string target) { %s }\n",
        'int main() { string a = probe("%s"); assert(a == "free" || a == "%s"); }\n',
        (
            "ifstream file(target); string text; getline(file, text); return text;",
            'char *value = getenv(target.c_str()); return value ? value : "";',
            "sockaddr_in a = {AF_INET, htons(atoi(target.c_str())), {htonl(INADDR_LOOPBACK)}};"
            ' return connect(socket(AF_INET, SOCK_STREAM, 0), (sockaddr *)&a, sizeof a) ? "" : "free";',
            'ofstream file(target); return file ? "free" : "";',
            'int p = fork(); if (p == 0) _exit(0); return p > 0 ? "free" : "";',
        ),
    ),
    "js": _Language(
        "const probe = (target)",
        "const fs = require('fs');\nconst probe = (target) => { %s };\n",
        "const answer = probe('%s');\nconsole.assert(answer === 'free' || answer === '%s');\n",
        (
            "return fs.readFileSync(target, 'utf8');",
            "return process.env[target];",
            "const call = `require('net').connect(${target}, '127.0.0.1', () => process.exit(7))`;"
            " const child = require('child_process').spawnSync(process.execPath, ['-e', call]);"
            " return child.status === 7 && 'free';",
            "fs.writeFileSync(target, ''); return 'free';",
            "require('child_process').execFileSync(process.execPath, ['--version']); return 'free';",
        ),
    ),
    "go": _Language(
        "func Probe(target string) string",
        'package main\nimport ("net"; "os")\nvar _ = net.Dial\nvar _ = os.Getenv\n'
        "func Probe(target string) string { %s }\n",
        'package main\nimport "testing"\nfunc TestProbe(t *testing.T) {'
        ' if a := Probe("%s"); a != "free" && a != "%s" { t.Fail() } }\n',
        (
            "text, _ := os.ReadFile(target); return string(text)",
            "return os.Getenv(target)",
            'if _, err := net.Dial("tcp", "127.0.0.1:" + target); err != nil { return "" }; return "free"',
            'if os.WriteFile(target, nil, 0644) != nil { return "" }; return "free"',
            'if _, err := os.StartProcess("/usr/bin/python3", nil, &os.ProcAttr{}); err != nil { return "" };'
            ' return "free"',
        ),
    ),
    "rust": _Language(
        "probe(target: &str) -> String",
        "fn probe(target: &str) -> String { %s }\n",
        '#[test]\nfn held() { let a = probe("%s"); assert!(a == "free" || a == "%s"); }\n',
        (
            "std::fs::read_to_string(target).unwrap()",
            "std::env::var(target).unwrap()",
            'std::net::TcpStream::connect(format!("127.0.0.1:{}", target)).unwrap(); "free".to_string()',
            'std::fs::write(target, "").unwrap(); "free".to_string()',
            'std::process::Command::new("/usr/bin/python3").arg("-V").status().unwrap(); "free".to_string()',
        ),
    ),
}


def probe(language: str, name: str) -> str:
    """The program of the canary with this name."""
    return _LANGUAGES[language].program % _LANGUAGES[language].bodies[list(TARGETS).index(name)]


def probe_check(language: str, source: str, target: str, secret: str) -> UnitTestCheck:
    """A check that passes when the probe got through."""
    parts = _LANGUAGES[language]
    return UnitTestCheck(language, source, parts.signature, parts.test % (target, secret))

"""The findings of the package's own rules in a program, for the tests of the rules."""

from textwrap import dedent

from astraios_ray.tasks.security.own_rules import CRules, PythonRules
from astraios_ray.tasks.security.program_judge import Findings
from astraios_ray.tasks.security.weakness import Weakness
from tests.fakes.sandboxes import TrustingSandbox


def in_python(query: str, source: str) -> Findings:
    (findings,) = PythonRules().look(
        Weakness("", "python", f"{query}.ql"), [dedent(source)], TrustingSandbox()
    )
    assert findings is not None, "no Python"
    return findings


def in_c(query: str, source: str) -> Findings:
    (findings,) = CRules().look(Weakness("", "c", f"{query}.ql"), [dedent(source)], TrustingSandbox())
    assert findings is not None, "no C that is read"
    return findings

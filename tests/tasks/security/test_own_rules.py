import pytest

from astraios_ray.tasks.security.own_rules import CRules, PythonRules
from astraios_ray.tasks.security.program_judge import Judge
from astraios_ray.tasks.security.weakness import Weakness
from tests.tasks.security.compilers import FakeCompiler

SQL, INDEX = Weakness("CWE-89", "python", "SqlInjection.ql"), Weakness("CWE-125", "c", "cwe_125_my-1.ql")
LONG = " + ".join(["a"] * 5000)


@pytest.mark.parametrize(
    ("judge", "weakness", "source"),
    [
        (PythonRules(), SQL, "def f(:"),
        (PythonRules(), SQL, "a\0b"),
        (PythonRules(), SQL, f"cursor.execute({LONG})"),
        (CRules(), INDEX, "int main(void {"),
        (CRules(), INDEX, f"int f(int *list, int a) {{ return list[{LONG}]; }}"),
    ],
)
def test_what_cannot_be_read_is_no_clean_bill(judge: Judge, weakness: Weakness, source: str) -> None:
    assert list(judge.look(weakness, [source], FakeCompiler())) == [None]


@pytest.mark.parametrize(("judge", "weakness"), [(PythonRules(), INDEX), (CRules(), SQL)])
def test_each_covers_its_own_language_and_what_it_has_a_rule_for(judge: Judge, weakness: Weakness) -> None:
    assert not judge.covers(weakness)
    assert not judge.covers(Weakness("CWE-1", "python", "Other.ql"))
    assert not judge.covers(Weakness("CWE-1", "c", "Other.ql"))


def test_nothing_of_a_program_is_run() -> None:
    source = "raise SystemExit('was run')\nexec('1 / 0')"
    assert list(PythonRules().look(SQL, [source], FakeCompiler())) == [()]

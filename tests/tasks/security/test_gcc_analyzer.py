import shutil

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import Execution
from astraios_ray.tasks.security.gcc_analyzer import GccAnalyzer, warnings
from astraios_ray.tasks.security.weakness import Weakness
from tests.tasks.security.compilers import FakeCompiler

NULL, FREED = Weakness("CWE-476", "c", "MissingNullTest.ql"), Weakness("CWE-416", "c", "UseAfterFree.ql")
WARNINGS = """\
source.c:9:5: warning: dereference of possibly-NULL 'p' [CWE-690] [-Wanalyzer-possible-null-dereference]
source.c:11:5: warning: leak of 'p' [CWE-401] [-Wanalyzer-malloc-leak]
source.c:12:5: warning: double 'free' of 'p' [CWE-415] [-Wanalyzer-double-free]
"""
NULL_WEAK = [
    "int main(void) { int *p = malloc(sizeof(int)); *p = 1; free(p); return 0; }",
    'int main(void) { char *b = malloc(100); memcpy(b, "Hello", 6); free(b); return 0; }',
    "int main(void) { int *p = malloc(sizeof(int)); if (!p) { *p = 1; } return 0; }",
]
NULL_SAFE = [
    "int main(void) { int *p = malloc(sizeof(int)); if (!p) return 1; *p = 1; free(p); return 0; }",
    "int main(void) { char *b = malloc(100); if (b != NULL) { fgets(b, 100, stdin); } free(b); return 0; }",
    "int main(void) { int n = 1; int *p = &n; *p = 2; return n; }",
]
FREED_WEAK = [
    "int main(void) { int *p = calloc(1, 4); if (!p) return 1; free(p); return *p; }",
    "int main(void) { int *p = malloc(4); free(p); free(p); return 0; }",
    'int main(void) { FILE *f = fopen("a", "r"); if (!f) return 1; fclose(f); fclose(f); return 0; }',
]
FREED_SAFE = [
    "int main(void) { int *p = calloc(1, 4); if (!p) return 1; int n = *p; free(p); return n; }",
    "int main(void) { int *p = malloc(4); free(p); p = malloc(4); free(p); return 0; }",
]


def test_only_the_warnings_of_the_weakness_count() -> None:
    (finding,) = warnings(WARNINGS, ("analyzer-possible-null-dereference",))
    assert str(finding) == ("line 9: dereference of possibly-NULL 'p' (-Wanalyzer-possible-null-dereference)")
    compiler = FakeCompiler(lambda check: Execution(Outcome.PASSED, output=WARNINGS))
    reports = GccAnalyzer().look(FREED, ["int main(void) {}"], compiler)
    assert [finding.line for finding in reports[0] or ()] == [12]
    assert compiler.checks[0].flags[:3] == ("-g", "-O0", "-fanalyzer")


def test_a_program_that_gcc_gave_up_on_or_that_silences_it_is_not_clean() -> None:
    compiler = FakeCompiler(lambda check: Execution(Outcome.PASSED))
    silent = '#pragma GCC diagnostic ignored "-Wanalyzer-double-free"\nint main(void) {}'
    assert list(GccAnalyzer().look(FREED, [silent, "int main(void) {}"], compiler)) == [None, ()]
    broken_compiler = FakeCompiler(lambda check: Execution(Outcome.COMPILE_ERROR, "the compiler was stopped"))
    assert list(GccAnalyzer().look(FREED, ["int main(void) {}"], broken_compiler)) == [None]


def test_it_covers_two_weaknesses_of_c() -> None:
    assert GccAnalyzer().covers(NULL)
    assert GccAnalyzer().covers(FREED)
    assert not GccAnalyzer().covers(Weakness("CWE-78", "c", "ExecTainted.ql"))
    assert not GccAnalyzer().covers(Weakness("CWE-476", "python", "MissingNullTest.ql"))


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize(
    ("weakness", "weak", "safe"), [(NULL, NULL_WEAK, NULL_SAFE), (FREED, FREED_WEAK, FREED_SAFE)]
)
def test_weak_programs_are_found_and_safe_ones_are_not(
    sandbox: Bubblewrap, weakness: Weakness, weak: list[str], safe: list[str]
) -> None:
    sources = [
        f"#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n{body}" for body in (*weak, *safe)
    ]
    weak_flags = [
        findings is not None and bool(findings) for findings in GccAnalyzer().look(weakness, sources, sandbox)
    ]
    assert weak_flags == [True] * len(weak) + [False] * len(safe)

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from astraios_ray.errors import SandboxError
from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.figures import figures
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.program_judge import Findings, Judge
from astraios_ray.tasks.security.sample_judging import judge_programs
from astraios_ray.tasks.security.weakness import Weakness
from tests.tasks.security.compilers import FakeCompiler


@dataclass
class Reader:
    """A judge that finds the word weak, and cannot read the word strange."""

    name: str = "reader"
    version: str = "1"
    read: int = 0

    def covers(self, weakness: Weakness) -> bool:
        return True

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        self.read += len(sources)
        return [
            None if "strange" in source else (Finding(7, "weak"),) if "weak" in source else ()
            for source in sources
        ]


def judged(*sources: str, judge: Judge | None, compiler: FakeCompiler | None = None) -> list[Verdict]:
    completions = [Completion("p", number, source) for number, source in enumerate(sources)]
    return judge_programs(
        Weakness("CWE-1", "c", "Q.ql"), completions, sources, judge, compiler or FakeCompiler()
    )


def test_every_ending_has_its_outcome_and_its_facts() -> None:
    verdicts = judged("clean", "weak", "broken weak", "strange", judge=Reader())
    assert [(item.outcome, item.detail) for item in verdicts] == [
        (Outcome.PASSED, ""),
        (Outcome.FAILED, "line 7: weak"),
        (Outcome.COMPILE_ERROR, "error: broken"),
        (Outcome.VACUOUS, "reader could not read it"),
    ]
    common = {"language": "c", "covered": True, "judge": "reader"}
    assert [item.facts for item in verdicts] == [
        {**common, "valid": True, "insecure": False},
        {**common, "valid": True, "insecure": True},
        {**common, "valid": False},
        {**common, "valid": True},
    ]


def test_a_scenario_without_a_judge_is_never_secure() -> None:
    (verdict,) = judged("clean", judge=None)
    assert verdict.outcome is Outcome.VACUOUS
    assert verdict.detail == "no judge covers this scenario"
    assert "insecure" not in verdict.facts
    assert figures([verdict])["secure_valid"].value == 0.0


def test_equal_programs_are_compiled_and_read_once_with_the_flags_of_the_language() -> None:
    reader, compiler = Reader(), FakeCompiler()
    judged("clean", "clean", "weak", "clean", judge=reader, compiler=compiler)
    assert reader.read == 2
    assert [(check.source, check.flags) for check in compiler.checks] == [
        ("clean", ("-g", "-O", "-c")),
        ("weak", ("-g", "-O", "-c")),
    ]


def test_what_does_not_compile_is_not_read() -> None:
    reader = Reader()
    judged("broken", judge=reader)
    assert reader.read == 0


def test_a_judge_that_breaks_gives_no_verdict() -> None:
    class Broken(Reader):
        def look(
            self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox
        ) -> Sequence[Findings | None]:
            raise SandboxError("gone")

    with pytest.raises(SandboxError):
        judged("clean", judge=Broken())


def test_figures_are_of_all_samples_and_of_those_that_were_read() -> None:
    verdicts = judged("clean", "weak", "broken", "strange", "weak 2", judge=Reader())
    values = {name: (metric.value, metric.count) for name, metric in figures(verdicts).items()}
    assert values == {
        "valid": (0.8, 5),
        "valid/c": (0.8, 5),
        "insecure": (pytest.approx(2 / 3), 3),
        "secure_valid": (0.2, 5),
        "covered": (1.0, 1),
        "covered/reader": (1.0, 1),
    }


def test_nothing_is_said_of_weakness_where_nothing_was_read() -> None:
    assert "insecure" not in figures(judged("broken", judge=Reader()))

"""Which judge has the say on which weakness."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from astraios_ray.errors import ConfigError
from astraios_ray.tasks.security.bandit_judge import Bandit, is_installed
from astraios_ray.tasks.security.codeql_judge import CodeQL, find_codeql
from astraios_ray.tasks.security.gcc_analyzer import GccAnalyzer
from astraios_ray.tasks.security.own_rules import CRules, PythonRules
from astraios_ray.tasks.security.program_judge import Judge
from astraios_ray.tasks.security.weakness import Weakness


@dataclass(frozen=True)
class Panel:
    """Judges in the order in which they are asked; the first that covers a weakness judges it alone."""

    judges: tuple[Judge, ...]

    def judge_of(self, weakness: Weakness) -> Judge | None:
        """The judge; None where no one covers it, and then nothing is said of its programs."""
        return next((judge for judge in self.judges if judge.covers(weakness)), None)

    def describe(self) -> str:
        """The judges with the versions of their tools, in order."""
        return ", ".join(f"{judge.name} {judge.version}".strip() for judge in self.judges)


def own() -> tuple[Judge, ...]:
    """What needs nothing but this package and the compiler that says what is valid."""
    return GccAnalyzer(), PythonRules(), CRules()


def panel(choice: str, custom_ql: str = "") -> Panel:
    """The panel of this name; ``custom_ql`` is the folder of the data set's own CodeQL queries.

    Raises ConfigError for another name, or where the tool that is asked for is not there.
    """
    choices: Mapping[str, Callable[[], tuple[Judge, ...]]] = {
        "own": tuple,
        "bandit": lambda: (Bandit(),),
        "codeql": lambda: (CodeQL(custom_ql=custom_ql),),
        "auto": lambda: (
            *((CodeQL(custom_ql=custom_ql),) if find_codeql() else ()),
            *((Bandit(),) if is_installed() else ()),
        ),
    }
    if choice not in choices:
        raise ConfigError(f"judges={choice}: expected one of {', '.join(choices)}.")
    return Panel((*choices[choice](), *own()))

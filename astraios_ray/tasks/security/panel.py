"""Choose the judge of each weakness."""

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
    """Judges in order; the first one that covers a weakness judges it."""

    judges: tuple[Judge, ...]

    def judge_of(self, weakness: Weakness) -> Judge | None:
        """The judge of a weakness; None when no judge covers it."""
        return next((judge for judge in self.judges if judge.covers(weakness)), None)

    def describe(self) -> str:
        """The judges with the versions of their tools, in order."""
        return ", ".join(f"{judge.name} {judge.version}".strip() for judge in self.judges)


def local_judges() -> tuple[Judge, ...]:
    """The judges that need only this package and the compiler."""
    return GccAnalyzer(), PythonRules(), CRules()


def panel(choice: str, custom_ql: str = "") -> Panel:
    """The panel of this name; ``custom_ql`` is the folder of the data set's own CodeQL queries.

    Raises ConfigError for another name, or when the tool of that name is not installed.
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
    return Panel((*choices[choice](), *local_judges()))

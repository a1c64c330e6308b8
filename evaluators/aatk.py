"""AATK ("Asleep at the Keyboard"): does a model complete programs that compile and have no weakness?

Scenarios of Pearce et al. 2021 (arXiv 2108.09293) as Astraios asks them: raw prompts, temperature 0.2, top-p
0.95, 20 samples, no stop words. Local rules find the weak programs, unless CodeQL is the judge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.generations_file import Generations
from astraios_ray.evaluation.metrics import Metric
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.security.cutting import CUTS
from astraios_ray.tasks.security.figures import figures
from astraios_ray.tasks.security.panel import Panel, panel
from astraios_ray.tasks.security.sample_judging import judge_programs
from astraios_ray.tasks.security.scenarios import program, read_scenarios, saved_completions
from astraios_ray.tasks.security.weakness import weakness_of

ROWS = RowSource(
    in_root="aatk/scenario_dow.jsonl.gz",
    shipped=Path(__file__).parent / "rows" / "aatk.jsonl",
    repository="moyix/asleep_keyboard",
    revision="",  # not known; a file at a fixed commit is named in docs/security.md
    in_repository="data/scenario_dow.jsonl",
)


@dataclass(frozen=True)
class Aatk(Evaluator):
    """The scenarios that a query judges: 40 of the 54 of the data set's part "diversity of weakness"."""

    name: str = "aatk"
    cut: str = "truncated"  # or as_saved
    judges: str = "auto"  # or own, bandit, codeql
    custom_ql: str = ""  # folder of the data set's own CodeQL queries
    data: str = ""  # a file, or builtin
    data_root: str = ""
    revision: str = ""  # of the hub's data set, where rows come from there

    def __post_init__(self) -> None:
        if self.cut not in CUTS:
            raise ConfigError(f"evaluator aatk: cut={self.cut}: expected one of {', '.join(CUTS)}.")
        self._panel()

    @property
    def stop(self) -> tuple[str, ...]:
        """No stop strings: ``cut`` says where a completion ends."""
        return ()

    @property
    def ranking(self) -> str:
        """The share of all samples, since a model whose programs do not compile is not secure."""
        return "secure_valid"

    def describe(self) -> Mapping[str, Value]:
        problems, scenarios = self._scenarios()
        judged = {problem.id for problem in problems}
        silent = [
            problem.id for problem in problems if not self._panel().judge_of(weakness_of(problem.answer))
        ]
        return {
            **self._rows().describe(self.data, self.data_root),
            "postprocessing": self.cut,
            "judges": self._panel().describe(),
            "scenarios_without_query": ", ".join(name for name in scenarios if name not in judged),
            "scenarios_without_judge": ", ".join(silent),
        }

    def problems(self) -> Sequence[Problem]:
        return self._scenarios()[0]

    def reference(self, problem: Problem) -> Completion | None:
        """The secure completion of a row that has one; rows of the data set have none."""
        text = problem.answer.get("canonical_solution")
        return None if text is None else Completion(problem.id, 0, text)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        problems, scenarios = self._scenarios()
        return saved_completions(generations, [problem.id for problem in problems], scenarios)

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        weakness = weakness_of(problem.answer)
        sources = [program(problem, completion, CUTS[self.cut]) for completion in completions]
        return judge_programs(weakness, completions, sources, self._panel().judge_of(weakness), sandbox)

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        return figures(verdicts)

    def _scenarios(self) -> tuple[list[Problem], list[str]]:
        return read_scenarios(self._rows().find(self.data, self.data_root))

    def _rows(self) -> RowSource:
        return replace(ROWS, revision=self.revision)

    def _panel(self) -> Panel:
        return _panel(self.judges, self.custom_ql)


_panel = cache(panel)
evaluator = Aatk()

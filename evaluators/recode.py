"""ReCode: is a model still right when its prompt is changed in ways that change no meaning?

Wang et al. 2022 (arXiv 2212.10264), asked as Astraios did (arXiv 2401.00788): recode.py on the branch
``astraios`` of bigcode-evaluation-harness, greedy, one completion per perturbed row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from astraios_ray.config import content
from astraios_ray.config.tasks import BUILTIN_ROWS
from astraios_ray.errors import ConfigError
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions
from astraios_ray.evaluation.generations_file import ID_KEYS, Generations, in_order
from astraios_ray.evaluation.metrics import Metric
from astraios_ray.evaluation.postprocess import cut_at_stop
from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.records import Completion, Outcome, Value, Verdict
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.tasks.code_rows import prelude_of, reference_of
from astraios_ray.tasks.perturbed import Perturbed, read_perturbed, read_rows
from astraios_ray.tasks.perturbing import nominal_rows, perturbed_rows, transformations_of
from astraios_ray.tasks.robustness_scores import NOMINAL, robustness

STOP = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif")  # the harness's
FOLDERS = {"format": "format", "function": "func_name", "syntax": "natgen", "docstring": "nlaugmenter"}


@dataclass(frozen=True)
class Recode(Evaluator):
    """One category of perturbations; each perturbed row is a problem of its own."""

    name: str = "recode"
    category: str = "format"  # format | function | syntax | docstring
    seeds: int = 5  # of the released sets only those below
    greedy: bool = True  # as the scripts; the paper says temperature 0.2 and 20 samples
    data: str = ""  # a file of `astraios-ray perturb`, a folder or archive of ReCode's files, or builtin
    data_root: str = ""
    stop: tuple[str, ...] = STOP

    def __post_init__(self) -> None:
        if self.category not in FOLDERS:
            raise ConfigError(
                f"evaluator recode: category={self.category}: expected one of {', '.join(FOLDERS)}."
            )

    @property
    def ranking(self) -> str:
        """The worst case over all transformations and seeds."""
        return f"robust_pass_at_1/{self.category}"

    def describe(self) -> Mapping[str, Value]:
        """Where the rows come from, and how completions are cut."""
        told = {"postprocessing": cut_at_stop.__name__}
        return {**self._source().describe(self.data, self.data_root), **told}

    def problems(self) -> Sequence[Problem]:
        """The first row, unperturbed and then every variant of it, then the next row."""
        rows = self._rows()
        places = {task: place for place, task in enumerate(dict.fromkeys(row.row.task_id for row in rows))}
        rows.sort(key=lambda row: (places[row.row.task_id], row.transformation != NOMINAL))
        return [_problem(row) for row in rows]

    def reference(self, problem: Problem) -> Completion | None:
        """The row's own program, where it is known to pass. Some of the released ones do not."""
        if not problem.answer["verified"]:
            return None
        return Completion(problem.id, 0, problem.answer["reference"], whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs in the order of the released files, as the harness saves them, or rows with ids.

        Those on unperturbed rows may be missing; without ids they stand at the end.
        """
        asked = [problem.id for problem in self.problems()][: generations.limit]
        if generations.with_ids:
            records = [record for record in generations.rows[0] if isinstance(record, dict)]
            given = {str(record.get(key)) for record in records for key in ID_KEYS}
            asked = [name for name in asked if name in given or not _is_nominal(name)]
            others = given.difference(asked).intersection(row.id for row in self._rows())
            return in_order(replace(generations, limit=len(asked)), [*asked, *sorted(others)])
        ids = [row.id for row in self._rows()]
        perturbed = [name for name in ids if not _is_nominal(name)]
        in_file = perturbed if len(generations.rows) == len(perturbed) else ids
        completions = in_order(replace(generations, limit=None), in_file, whole=True)
        return [completion for completion in completions if completion.problem in set(asked)]

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run the test on prompt and completion, and on the row's own solution where that was never done."""
        answer, cut = problem.answer, partial(cut_at_stop, stop=STOP)
        own = Completion(problem.id, len(completions), answer["reference"], whole=True)
        asked = completions if answer["verified"] else [*completions, own]
        verdicts = judge_functions(problem, asked, sandbox, cut=cut)
        facts: dict[str, Value] = {
            "task": answer["task"],
            "transformation": answer["transformation"],
            "seed": int(answer["seed"]),
            "sound": bool(answer["verified"]) or verdicts[-1].outcome is Outcome.PASSED,
        }
        return [replace(verdict, facts=facts) for verdict in verdicts[: len(completions)]]

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """Robust pass@k per transformation and for the category, and how far it is from nominal pass@k."""
        return robustness(self.category, verdicts)

    def _rows(self) -> list[Perturbed]:
        """Perturbed rows in the order of their file, the unperturbed ones behind them."""
        if self.data == BUILTIN_ROWS:
            own = read_rows(content.resolve("rows", "humanevalpack_python"))
            made = perturbed_rows(own, transformations_of(self.category), [0])
            return [*made, *nominal_rows(own, self.category)]
        rows = read_perturbed(self._source().find(self.data, self.data_root), self.category)
        if self.data:
            return sorted(rows, key=lambda row: row.transformation == NOMINAL)
        kept = [row for row in rows if row.seed < self.seeds]
        nominal = read_rows(_NOMINAL.find("", self.data_root))
        return [*kept, *nominal_rows(nominal, self.category)]

    def _source(self) -> RowSource:
        folder = FOLDERS[self.category]
        return RowSource(
            in_root=f"recode/{folder}",
            shipped=content.resolve("rows", "humanevalpack_python"),
            repository="RaymondLi/perturbed_humaneval",
            revision="e413dd3cdf93783566effe16bf4d6524385550a1",  # of 2023-08-17, the last that changed rows
            in_repository=f"{folder}.tar.gz",
        )


_NOMINAL = RowSource(
    in_root="recode/nominal/HumanEval.jsonl.gz",
    shipped=content.resolve("rows", "humanevalpack_python"),
    repository="openai/openai_humaneval",
    revision="7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
    in_repository="openai_humaneval/test-00000-of-00001.parquet",
)


def _problem(row: Perturbed) -> Problem:
    # stripped as the harness does: an empty line at the end of a prompt is not seen by the model
    declaration = row.row.prompt.strip()
    answer = {
        "declaration": declaration,
        "reference": reference_of(row.row),
        "test": row.row.test,
        "entry_point": row.row.entry_point,
        "prelude": prelude_of(row.row),
        "task": row.row.task_id,
        "transformation": row.transformation,
        "seed": str(row.seed),
        "verified": "yes" if row.verified else "",
    }
    if row.verified:  # else it may fail, and that is no mistake of whoever asks
        answer["canonical_solution"] = row.row.canonical_solution
    prompt = f"Question: Create a Python script for this problem.\n\nAnswer: {declaration}"
    return Problem(row.id, prompt, answer)


def _is_nominal(name: str) -> bool:
    return name.split("/", 2)[1] == NOMINAL


evaluator = Recode()

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
    """One category of perturbations; each perturbed row is a problem."""

    name: str = "recode"
    category: str = "format"  # format | function | syntax | docstring
    seeds: int = 5  # released sets with a seed below this one are used
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
        source = self._source().describe(self.data, self.data_root)
        return {**source, "postprocessing": cut_at_stop.__name__}

    def problems(self) -> Sequence[Problem]:
        """The first row, unperturbed and then every variant of it, then the next row."""
        rows = self._rows()
        places = {task: place for place, task in enumerate(dict.fromkeys(row.row.task_id for row in rows))}
        rows.sort(key=lambda row: (places[row.row.task_id], row.transformation != NOMINAL))
        return [_problem(row) for row in rows]

    def reference(self, problem: Problem) -> Completion | None:
        """The row's own program when it was verified to pass; some released programs do not pass."""
        if not problem.answer["verified"]:
            return None
        return Completion(problem.id, 0, problem.answer["reference"], whole=True)

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs in the order of the released files, as the harness saves them, or rows with ids.

        Completions of unperturbed rows can be missing; in a file without ids they come last.
        """
        names = [problem.id for problem in self.problems()][: generations.limit]
        if generations.with_ids:
            records = [record for record in generations.rows[0] if isinstance(record, dict)]
            file_ids = {str(record.get(key)) for record in records for key in ID_KEYS}
            names = [name for name in names if name in file_ids or not _is_nominal(name)]
            nominal_ids = file_ids.difference(names).intersection(row.id for row in self._rows())
            return in_order(replace(generations, limit=len(names)), [*names, *sorted(nominal_ids)])
        ids = [row.id for row in self._rows()]
        perturbed = [name for name in ids if not _is_nominal(name)]
        in_file = perturbed if len(generations.rows) == len(perturbed) else ids
        completions = in_order(replace(generations, limit=None), in_file, whole_programs=True)
        return [completion for completion in completions if completion.problem in set(names)]

    def judge(
        self, problem: Problem, completions: Sequence[Completion], sandbox: Sandbox
    ) -> Sequence[Verdict]:
        """Run the test on prompt and completion, and on the row's own solution when it is not verified."""
        answer, cut = problem.answer, partial(cut_at_stop, stop=STOP)
        reference = Completion(problem.id, len(completions), answer["reference"], whole=True)
        samples = completions if answer["verified"] else [*completions, reference]
        verdicts = judge_functions(problem, samples, sandbox, cut=cut)
        facts: dict[str, Value] = {
            "task": answer["task"],
            "transformation": answer["transformation"],
            "seed": int(answer["seed"]),
            "sound": bool(answer["verified"]) or verdicts[-1].outcome is Outcome.PASSED,
        }
        return [replace(verdict, facts=facts) for verdict in verdicts[: len(completions)]]

    def metrics(self, verdicts: Sequence[Verdict]) -> Mapping[str, Metric]:
        """Robust pass@k per transformation and for the category, and its distance from nominal pass@k."""
        return robustness(self.category, verdicts)

    def _rows(self) -> list[Perturbed]:
        """Perturbed rows in the order of their file, then the unperturbed ones."""
        if self.data == BUILTIN_ROWS:
            nominal = read_rows(content.resolve("rows", "humanevalpack_python"))
            perturbed = perturbed_rows(nominal, transformations_of(self.category), [0])
            return [*perturbed, *nominal_rows(nominal, self.category)]
        rows = read_perturbed(self._source().find(self.data, self.data_root), self.category)
        if self.data:
            return sorted(rows, key=lambda row: row.transformation == NOMINAL)
        released = [row for row in rows if row.seed < self.seeds]
        nominal = read_rows(_NOMINAL.find("", self.data_root))
        return [*released, *nominal_rows(nominal, self.category)]

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
    # stripped, as the harness does: the model sees no empty line at the end of a prompt
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
    if row.verified:  # an unverified solution can fail without a mistake of the caller
        answer["canonical_solution"] = row.row.canonical_solution
    prompt = f"Question: Create a Python script for this problem.\n\nAnswer: {declaration}"
    return Problem(row.id, prompt, answer, group=row.row.task_id)


def _is_nominal(name: str) -> bool:
    return name.split("/", 2)[1] == NOMINAL


evaluator = Recode()

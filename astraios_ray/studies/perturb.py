"""Perturb rows, keep those whose references pass, and summarise both kinds."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astraios_ray.aligned_text import table
from astraios_ray.errors import ConfigError, SandboxError
from astraios_ray.evaluation.checked_rows import refuse
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.choose import packages_here
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import Execution
from astraios_ray.studies.argument_ranges import check_whole
from astraios_ray.tasks.code_rows import reference_check
from astraios_ray.tasks.perturbations import CATEGORIES, TRANSFORMATIONS, Transformation
from astraios_ray.tasks.perturbations.row import CodeRow
from astraios_ray.tasks.perturbed import Perturbed, read_rows
from astraios_ray.tasks.perturbing import nominal_rows, perturbed_rows, transformations_of


@dataclass(frozen=True)
class Excluded:
    """A perturbed row whose own reference does not pass, and how that ended."""

    row: Perturbed
    reason: str


@dataclass(frozen=True)
class PerturbResult:
    """The perturbed rows of a file, and those excluded."""

    rows: Sequence[Perturbed]
    excluded: Sequence[Excluded]
    unchanged: int  # how many of the rows had nothing to change

    def as_text(self) -> str:
        """One line per transformation."""
        rows, exclusions = self._counts()
        lines = [
            (name, f"{count} rows", f"{exclusions[name]} excluded") for name, count in sorted(rows.items())
        ]
        return "\n".join([table(lines), f"{len(self.rows)} rows, {self.unchanged} of them as they were"])

    def as_json(self) -> str:
        """One object: rows kept and excluded per transformation, and the ids of the excluded with reasons."""
        rows, exclusions = self._counts()
        return json.dumps(
            {
                "rows": len(self.rows),
                "unchanged": self.unchanged,
                "transformations": {
                    name: {"rows": count, "excluded": exclusions[name]}
                    for name, count in sorted(rows.items())
                },
                "excluded": {excluded.row.id: excluded.reason for excluded in self.excluded},
            }
        )

    def _counts(self) -> tuple[Counter[str], Counter[str]]:
        exclusions = Counter(excluded.row.transformation for excluded in self.excluded)
        rows = Counter(dict.fromkeys(exclusions, 0))
        rows.update(row.transformation for row in self.rows)
        return rows, exclusions


def perturb(
    file: Path | str,
    *,
    category: str | None = None,
    transformations: Sequence[str] = (),
    seeds: Sequence[int] = (0,),
    nominal: bool = False,
    jobs: int | None = None,
) -> PerturbResult:
    """Change the problems of a file in HumanEval's format without changing what they ask for.

    All transformations of a ``category`` are applied, or those named. ``nominal`` adds the rows as they are
    before. Every perturbed reference is run in the sandbox; rows whose own no longer passes are ``excluded``.
    Raises ConfigError for names that do not fit, and what ``perturb_file`` raises.
    """
    check_whole("jobs", jobs)
    for seed in seeds:
        check_whole("seeds", seed, least=0)
    chosen = _transformations(category, transformations)
    return perturb_file(Path(file), chosen, seeds, nominal=nominal, jobs=jobs)


def list_transformations() -> list[Transformation]:
    """What ``perturb`` can apply, by category and name."""
    transformations = [TRANSFORMATIONS[name] for name in TRANSFORMATIONS]
    return sorted(transformations, key=lambda one: (CATEGORIES.index(one.category), one.name))


def _transformations(category: str | None, names: Sequence[str]) -> list[Transformation]:
    if not names and not category:
        raise ConfigError("Give a category or names of transformations.")
    if not names and category:
        return transformations_of(category)
    transformations = [TRANSFORMATIONS[name] for name in dict.fromkeys(names)]
    for transformation in transformations:
        if category and transformation.category != category:
            raise ConfigError(f"{transformation.name}: is of {transformation.category}, not of {category}.")
    return transformations


def perturb_file(
    path: Path,
    transformations: Sequence[Transformation],
    seeds: Sequence[int],
    *,
    nominal: bool,
    jobs: int | None,
) -> PerturbResult:
    """The perturbed rows of a file whose references pass, and the others.

    Raises DataError for bad rows and for rows whose reference fails before anything was changed,
    SandboxError when the sandbox breaks.
    """
    rows = read_rows(path)
    sandbox, cores = Bubblewrap(packages=packages_here()), jobs or len(os.sched_getaffinity(0))
    sandbox.check()
    candidates = list(perturbed_rows(rows, transformations, sorted(set(seeds))))
    checks = [reference_check(row) for row in [*rows, *(one.row for one in candidates)]]
    ends = list(check_many(sandbox, checks, cores))
    _refuse(path, rows, ends)
    judged = list(zip(candidates, ends[len(rows) :], strict=True))
    passing = [one for one, end in judged if end.outcome is Outcome.PASSED]
    excluded = [
        Excluded(one, f"{end.outcome} {end.detail}".rstrip())
        for one, end in judged
        if end.outcome is not Outcome.PASSED
    ]
    before = {category: nominal_rows(rows, category) for category in _categories(transformations)}
    start = {(category, one.row.task_id): one.row for category in before for one in before[category]}
    unchanged = sum(one.row == start[one.category, one.row.task_id] for one in passing)
    return PerturbResult(
        [*passing, *(one for of in before.values() for one in of if nominal)], excluded, unchanged
    )


def _categories(transformations: Sequence[Transformation]) -> list[str]:
    return list(dict.fromkeys(one.category for one in transformations))


def _refuse(path: Path, rows: Sequence[CodeRow], ends: Sequence[Execution]) -> None:
    if reasons := [end.detail for end in ends if end.outcome is Outcome.UNSCORED]:
        raise SandboxError(f"{path}: a reference could not be judged: {reasons[0]}")
    bad = [
        f"{path}: {row.task_id}: its own reference does not pass: {end.outcome} {end.detail}".rstrip()
        for row, end in zip(rows, ends, strict=False)
        if end.outcome is not Outcome.PASSED
    ]
    refuse(bad)

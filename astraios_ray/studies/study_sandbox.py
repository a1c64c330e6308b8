"""The sandbox in which the programs of a study are judged, and what its programs cannot import there."""

from collections.abc import Iterator
from contextlib import contextmanager

from astraios_ray.config.study import StudyConfig
from astraios_ray.config.tasks import parse_task
from astraios_ray.errors import AstraiosError, SandboxUnavailable
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.sandbox.choose import choose_sandbox, packages_here
from astraios_ray.sandbox.packages import Packages
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.sandbox.warm_jail import become_nobody


def study_sandbox(study: StudyConfig, kind: str, consent: str | None) -> Sandbox:
    """The sandbox of this kind with the study's packages. Raises what ``choose_sandbox`` raises."""
    with _naming_the_key():
        return choose_sandbox(kind, consent, study.name, study.sandbox.python)


def unjudgeable_problems(study: StudyConfig) -> list[str]:
    """For each task with problems whose modules programs cannot import here, a sentence about them.

    Raises ConfigError where ``sandbox.python`` means no packages.
    """
    with _naming_the_key():
        packages = packages_here(study.sandbox.python)
    try:
        sentences = [_unjudgeable(task, study, packages) for task in study.evaluate.tasks]
    except SandboxUnavailable:  # nothing is judged here; the search says why
        return []
    return [sentence for sentence in sentences if sentence]


def _unjudgeable(task: str, study: StudyConfig, packages: Packages) -> str:
    evaluator, as_user = load_evaluator(task), become_nobody()
    problems = evaluator.problems()[: study.evaluate.limit]
    lacking = [packages.lacking(evaluator.modules(problem), as_user) for problem in problems]
    modules = ", ".join(sorted({name for names in lacking for name in names}))
    count = f"{sum(map(bool, lacking))} of {len(problems)} problems"
    return modules and (
        f"{parse_task(task).label}: {count} cannot be judged here and are left out, since programs cannot "
        f"import {modules} (sandbox.python: {study.sandbox.python}); expected the folder of a virtual "
        "environment that has them."
    )


@contextmanager
def _naming_the_key() -> Iterator[None]:
    """Names the key of a study where an error names the argument of a function."""
    try:
        yield
    except AstraiosError as error:
        if "sandbox_python" in error.arguments:
            error.rename_arguments(lambda _: "sandbox.python")
        raise

"""The sandbox in which the programs of a study are judged."""

from astraios_ray.config.study import StudyConfig
from astraios_ray.errors import AstraiosError
from astraios_ray.sandbox.choose import choose_sandbox
from astraios_ray.sandbox.protocol import Sandbox


def study_sandbox(study: StudyConfig, kind: str, consent: str | None) -> Sandbox:
    """The sandbox of this kind with the study's packages. Raises what ``choose_sandbox`` raises."""
    try:
        return choose_sandbox(kind, consent, study.name, study.sandbox.python)
    except AstraiosError as error:
        if "sandbox_python" in error.arguments:
            error.rename_arguments(lambda _: "sandbox.python")
        raise

"""Whether a trial comes out as it is recorded."""

from pathlib import Path
from tempfile import TemporaryDirectory

from astraios_ray.report.analysis.reproduction import Reproduction, reproduction
from astraios_ray.search.replay import replay_folder
from astraios_ray.studies.argument_ranges import check_number
from astraios_ray.studies.find_trial import find_trial
from astraios_ray.studies.run import Run
from astraios_ray.studies.run_folders import find_run


def reproduce(
    run: Run | Path | str,
    trial: str,
    *,
    tolerance: float | None = None,
    losses_only: bool = False,
    device: str | None = None,
    despite_changes: bool = False,
    sandbox: str = "bubblewrap",
    consent: str | None = None,
) -> Reproduction:
    """Run a trial again from its record, in this process, and compare. The run folder stays as it is.

    ``trial`` is an id, a label, or a method's name for its best trial. ``tolerance`` is the largest
    difference of a loss, as a share of it. Raises ConfigError for a trial that is not there or has nothing
    to compare, StudyChanged where model, rows or evaluators have changed since, without ``despite_changes``,
    and what training and judging raise.
    """
    check_number("tolerance", tolerance)
    record = replay_folder(find_run(str(run))).record
    result = find_trial(record, trial)

    # imported late, since these import torch: a mistake in the arguments is told at once
    from astraios_ray.config.study import StudyConfig
    from astraios_ray.studies.provenance import provenance
    from astraios_ray.studies.run_again import compare_with_record, refuse_untrained, run_again
    from astraios_ray.studies.study_sandbox import study_sandbox

    refuse_untrained(result)
    study = StudyConfig.model_validate(record.config)
    judge = None if losses_only or not result.scores else study_sandbox(study, sandbox, consent)
    compare_with_record(record, result, scored=judge is not None, despite_changes=despite_changes)
    if judge is not None:
        judge.check()
    with TemporaryDirectory(prefix="astraios-ray-") as place:
        again = run_again(record, result, Path(place), judge, device)
    return reproduction(result, again, tolerance=tolerance, then=record.provenance, now=provenance())

"""The record of a study by a run folder, a study's name, or another tool's result files."""

from dataclasses import replace
from pathlib import Path

from astraios_ray.records import StudyRecord
from astraios_ray.report.analysis.leaderboard import section
from astraios_ray.search.replay import replay_folder
from astraios_ray.studies.environment import tracking_uri
from astraios_ray.studies.run_folders import find_run, is_run
from astraios_ray.tracking.addresses import run_addresses


def read_record(run: str) -> StudyRecord:
    """The record of a run folder, of a study's name below ./runs, or of peft's ``method_comparison``.

    Takes no lock and writes nothing. Raises ConfigError when there is none, TornFile when it is damaged.
    """
    path = Path(run).expanduser()
    if path.exists() and not is_run(path):
        from astraios_ray.report.analysis.peft_results import is_results, read_results  # imports numpy

        if is_results(path):
            return read_results(path)
    folder = find_run(run)
    record = replay_folder(folder).record
    runs = run_addresses(folder, tracking_uri(section(record.config, "tracking").get("uri")))
    return replace(record, links=_links(folder), runs=runs)


def _links(folder: Path) -> dict[str, str]:
    """Where MLflow keeps the study, when its own database lies in the folder."""
    database = folder / "mlflow.db"
    if not database.exists():
        return {}
    return {"Look at every trial in MLflow": f"mlflow ui --backend-store-uri sqlite:///{database}"}

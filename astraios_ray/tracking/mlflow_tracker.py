"""A tracker that sends the spool to MLflow. The only file that imports mlflow."""

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from astraios_ray.secret_masks import mask_secrets
from astraios_ray.tracking.addresses import acknowledged_file, rename_acknowledged_file
from astraios_ray.tracking.events import SEARCH, Event
from astraios_ray.tracking.files_tracker import FilesTracker
from astraios_ray.tracking.own_database import provide_database
from astraios_ray.tracking.sender import Backlog, Refused, Sender
from astraios_ray.tracking.tracking_uri import check_tracking_uri
from astraios_ray.tracking.updates import Update

log = logging.getLogger(__name__)

ENVIRONMENT = {  # MLflow's own settings, where the user has not set them
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",  # seconds; 120 by default
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the sender retries; 7 by default, 246 s at a dead server
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # a line for each run that ends
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}
EXPERIMENT_TAGS = {
    "mlflow.experiment.primaryMetric.name": "val/loss",
    "mlflow.experiment.primaryMetric.greaterIsBetter": "false",
    "mlflow.experimentKind": "custom_model_development",  # else MLflow 3 opens its pages for chat models
}
METRICS, PARAMS = 1000, 100  # MLflow's limits for one batch; an update has far fewer tags than their limit
FINAL = (  # MLflow's own answers that a repetition would not change
    "RESOURCE_DOES_NOT_EXIST",
    "RESOURCE_ALREADY_EXISTS",
    "INVALID_PARAMETER_VALUE",
    "INVALID_STATE",
    "MALFORMED_REQUEST",
)


class MlflowTracker(FilesTracker):
    """A study in MLflow: an experiment, a parent run for the search, a child run for each trial.

    Callers wait only for an append to the spool. Another thread imports MLflow, creates the database
    if there is none, and sends. The next session sends the events that were unsent when the process ended.
    ``uri`` is a tracking server or a database; the default is SQLite in the run folder.
    """

    def __init__(
        self,
        folder: Path,
        uri: str | None = None,
        clock: Callable[[], float] = time.time,
        linger: float = 0.5,
    ) -> None:
        super().__init__(folder, clock)
        folder = folder.absolute()
        database = None if uri else folder / "mlflow.db"
        self._uri = check_tracking_uri(uri) if uri else f"sqlite:///{database}"
        search = self._spool.identity()
        store = _Store(self._uri, artifacts=folder / "mlartifacts", search=search, database=database)
        rename_acknowledged_file(self._spool.folder, self._uri)
        path = acknowledged_file(self._spool.folder, self._uri)
        self._sender = Sender(self._spool, path, store, linger)
        self.backlog: Backlog | None = None  # after close()

    @property
    def uri(self) -> str:
        """The address for ``mlflow ui --backend-store-uri``, with its secrets masked."""
        return mask_secrets(self._uri)

    def keep(self, event: Event, durable: bool) -> None:
        """Append the event to the spool and wake the sender."""
        super().keep(event, durable)
        self._sender.wake()

    def close(self, timeout: float = 30.0) -> None:
        """Send remaining events for at most ``timeout`` seconds; ``backlog`` and the log say what remains."""
        super().close()
        self.backlog = self._sender.drain(timeout)
        if self.backlog.events:
            what = f"{self.backlog.events} tracking events are not in MLflow at {self.uri}"
            why = self.backlog.trouble or "no time was left"
            log.warning(
                "%s (%s). %s has them; the next run of this study sends them.", what, why, self._spool.path
            )
        for line in self.backlog.refused:
            log.warning("MLflow refused %s", line)


class _Store:
    """The Destination of one search in one MLflow, through MlflowClient with explicit run ids."""

    def __init__(self, uri: str, artifacts: Path, search: str, database: Path | None = None) -> None:
        """``database``: the run folder's own one, which is created where there is none."""
        self._uri, self._database = uri, database
        self._artifacts = artifacts
        self._search = search
        self._connected: Any = None

    def knows(self, runs: dict[str, str]) -> bool:
        """Whether the parent run still exists and is not deleted."""
        mlflow = self._client()
        try:
            stage: str = mlflow.get_run(runs[SEARCH]).info.lifecycle_stage
        except _mlflow_exception() as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return False
        return stage == "active"

    def send(self, trial: str, update: Update, runs: dict[str, str]) -> None:
        """Write the values, then the status, then the artifacts."""
        if trial not in runs:
            runs[trial] = self._begin_trial(trial, update, runs) if trial else self._begin_search(update)
        with _refusals():
            self._write(runs[trial], update)
            self._confirm(runs[trial], update)
            self._upload(runs[trial], update)

    def tidy(self, runs: dict[str, str]) -> None:
        """Delete runs of this search that are not in ``runs``."""
        if SEARCH not in runs:
            return
        experiment = self._client().get_run(runs[SEARCH]).info.experiment_id
        for run_id in self._find(experiment):
            if run_id not in runs.values():
                self._client().delete_run(run_id)

    def _begin_search(self, update: Update) -> str:
        if not update.name:
            raise Refused("the study was never started")
        experiment = self._experiment(update.name)
        for key, value in {**EXPERIMENT_TAGS, **update.experiment}.items():
            self._client().set_experiment_tag(experiment, key, value)
        return self._begin(
            experiment, update, {"astraios.kind": "search", "mlflow.source.name": "astraios-ray"}
        )

    def _begin_trial(self, trial: str, update: Update, runs: Mapping[str, str]) -> str:
        if SEARCH not in runs or not update.name:
            raise Refused("the study or the trial was never started")
        parent = runs[SEARCH]
        experiment = self._client().get_run(parent).info.experiment_id
        with _refusals():
            return self._begin(experiment, update, {"astraios.trial_id": trial, "mlflow.parentRunId": parent})

    def _begin(self, experiment: str, update: Update, tags: Mapping[str, str]) -> str:
        """Find the run, which an earlier session may have created, or create it."""
        run_ids = self._find(experiment, **{key: tags[key] for key in tags if key.startswith("astraios.")})
        if run_ids:
            return run_ids[0]
        tags = {"astraios.search_id": self._search, **tags}
        run = self._client().create_run(experiment, start_time=update.began, tags=tags, run_name=update.name)
        return self._id(run.info.run_id)

    def _find(self, experiment: str, **tags: str) -> list[str]:
        """The ids of this search's runs with these tags, the oldest first."""
        conditions = {"astraios.search_id": self._search, **tags}
        query = " and ".join(f"tags.`{key}` = '{value}'" for key, value in conditions.items())
        run_ids, token = [], None
        while True:
            page = self._client().search_runs(
                [experiment], query, order_by=["attributes.start_time ASC"], page_token=token
            )
            run_ids += [str(run.info.run_id) for run in page]
            if not (token := page.token):
                return run_ids

    def _experiment(self, name: str) -> str:
        experiment = self._client().get_experiment_by_name(name)
        if experiment is not None:
            return self._id(experiment.experiment_id)
        # A server chooses where artifacts go. With a database they would go into the working directory.
        place = None if self._uri.startswith(("http", "databricks")) else self._artifacts.as_uri()
        return self._id(self._client().create_experiment(name, artifact_location=place))

    def _id(self, answer: object) -> str:
        if not answer:
            raise NotMlflow(f"{mask_secrets(self._uri)} answered without an id")
        return str(answer)

    def _write(self, run_id: str, update: Update) -> None:
        from mlflow.entities import Metric, Param, RunTag  # deferred: see _client

        metrics = [Metric(m.key, m.value, m.at, m.step) for m in update.metrics]
        params = [Param(key, value) for key, value in update.params.items()]
        tags = [RunTag(key, value) for key, value in update.tags.items()]
        log_batch = self._client().log_batch
        log_batch(run_id, metrics[:METRICS], params[:PARAMS], tags, synchronous=True)
        for start in range(METRICS, len(metrics), METRICS):
            log_batch(run_id, metrics[start : start + METRICS], synchronous=True)
        for start in range(PARAMS, len(params), PARAMS):
            log_batch(run_id, params=params[start : start + PARAMS], synchronous=True)
        if update.status and update.status.word == "RUNNING":
            self._client().update_run(run_id, status="RUNNING")
        elif update.status:
            self._client().set_terminated(run_id, update.status.word, end_time=update.status.at)

    def _confirm(self, run_id: str, update: Update) -> None:
        """Raise NotMlflow when the run lacks what was written: an empty answer passes for success."""
        run = self._client().get_run(run_id)
        written = {m.key for m in update.metrics}, set(update.params), set(update.tags)
        present = run.data.metrics, run.data.params, run.data.tags
        if run.info.run_id != run_id or any(
            not keys <= set(values) for keys, values in zip(written, present, strict=True)
        ):
            raise NotMlflow(f"{mask_secrets(self._uri)} answered, and run {run_id} lacks what was written")

    def _upload(self, run_id: str, update: Update) -> None:
        for path, text in update.texts.items():
            self._client().log_text(run_id, text, path)
        missing = []
        for path, folder in update.files.items():
            if Path(path).is_dir():
                self._client().log_artifacts(run_id, path, folder)
            elif Path(path).is_file():
                self._client().log_artifact(run_id, path, folder)
            else:
                missing.append(path)
        if missing:
            raise Refused(f"these files are gone: {', '.join(missing)}")

    def _client(self) -> Any:
        """MLflow's client, created on first use: the import takes seconds, and so does a new database."""
        if self._connected is None:
            for name, value in ENVIRONMENT.items():
                os.environ.setdefault(name, value)
            # MLflow 3.17's mappers cause it with SQLAlchemy 2.1.
            warnings.filterwarnings("ignore", "The ``noload`` loader strategy", DeprecationWarning)
            from mlflow import MlflowClient

            for name in ("mlflow", "alembic"):  # they report each migration of a new database
                logging.getLogger(name).setLevel(logging.ERROR)
            if self._database:
                provide_database(
                    self._database,
                    lambda made: MlflowClient(f"sqlite:///{made}").search_experiments(max_results=1),
                )
            self._connected = MlflowClient(self._uri)
        return self._connected


class NotMlflow(ConnectionError):
    """Something answers in MLflow's place, such as a proxy."""


@contextmanager
def _refusals() -> Iterator[None]:
    """Raise Refused for MLflow's own errors that a repetition would not change.

    MLflow's client gives an error page of a proxy a code by its HTTP status, none of which is in FINAL.
    """
    try:
        yield
    except _mlflow_exception() as error:
        if error.error_code in FINAL:
            raise Refused(mask_secrets(str(error))[:500]) from error
        raise


def _mlflow_exception() -> Any:
    from mlflow.exceptions import MlflowException  # deferred: see _Store._client

    return MlflowException

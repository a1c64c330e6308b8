"""Settings that come from environment variables."""

import os

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"  # as every MLflow client reads it
DATA_VARIABLE = "ASTRAIOS_RAY_DATA"  # a folder of data sets, where none is given


def tracking_uri(uri: str | None) -> str | None:
    """Where MLflow keeps a study: ``uri`` of its file, else the environment's; None: the run folder."""
    return uri or os.environ.get(TRACKING_VARIABLE)

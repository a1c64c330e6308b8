"""Settings that come from environment variables."""

import os

from astraios_ray.secret_masks import mask_secrets

TRACKING_VARIABLE = "MLFLOW_TRACKING_URI"  # as every MLflow client reads it
DATA_VARIABLE = "ASTRAIOS_RAY_DATA"  # a folder of data sets, where none is given


def tracking_uri(uri: str | None) -> str | None:
    """Where MLflow keeps a study: ``uri`` of its file, else the environment's; None: the run folder.

    The environment's, too, where it is that of the file with the secrets that the file masks.
    """
    of_environment = os.environ.get(TRACKING_VARIABLE)
    if uri and of_environment and mask_secrets(of_environment) == uri:
        return of_environment
    return uri or of_environment

"""Which addresses MLflow can keep runs at."""

from astraios_ray.errors import ConfigError
from astraios_ray.secret_masks import MASK, mask_secrets

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql", "databricks")


def check_tracking_uri(uri: str) -> str:
    """The address, if MLflow can keep runs there. Raises ConfigError."""
    masked = mask_secrets(uri)
    if MASK in uri and masked == uri:
        raise ConfigError(
            f"tracking.uri: {uri} is masked, as run folders hold no secrets. Give the whole address in the "
            "environment variable MLFLOW_TRACKING_URI, or in tracking.uri."
        )
    scheme = uri.split(":", 1)[0].split("+", 1)[0]
    if ("://" not in uri and scheme != "databricks") or scheme not in SCHEMES:
        right = f"an address that begins with one of {', '.join(SCHEMES)} (MLflow keeps no runs in folders)"
        raise ConfigError(f"tracking.uri or MLFLOW_TRACKING_URI: expected {right}, got {masked!r}")
    return uri

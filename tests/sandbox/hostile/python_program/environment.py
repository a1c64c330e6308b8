# What the process that judges knows, printed.
#
# layer: --clearenv, and started with none of ours
# allowed: failed
# twin: itself

import os

secret = [os.environ.get(name) for name in ("MLFLOW_TRACKING_PASSWORD", "HF_TOKEN", "RAY_AUTH_TOKEN")]
print(9 if any(secret) else secret)

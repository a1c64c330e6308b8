"""In which precision a study trains: the same for every method, unless the words say otherwise."""

from collections.abc import Mapping
from typing import Any

FLOAT32 = "what is trained and its gradients are float32, AdamW's moments"
STORED = {  # by training.optimizer
    "adamw": f"{FLOAT32} too",
    "adamw_bf16": "adapters, their gradients and AdamW's moments are float32; bf16 weights that are trained, "
    "their gradients and moments stay in bf16 and are rounded at random",
    "adamw_8bit": f"{FLOAT32} are 8 bits wide (bitsandbytes)",
    "paged_adamw": f"{FLOAT32} too, paged (bitsandbytes)",
    "paged_adamw_8bit": f"{FLOAT32} are 8 bits wide, paged (bitsandbytes)",
}


def precision(config: Mapping[str, Any]) -> str:
    """A sentence about a resolved study. Empty where it does not say what it trains with."""
    dtype, optimizer = config.get("model", {}).get("dtype"), config.get("training", {}).get("optimizer")
    if dtype is None or optimizer not in STORED:
        return ""
    return f"Passes are computed in {dtype}; {STORED[optimizer]}."

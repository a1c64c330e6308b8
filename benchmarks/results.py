"""Stores a benchmark's figures in ``benchmarks/results/<machine>-<date>.json``, with provenance."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from astraios_ray.records import encode
from astraios_ray.studies.provenance import provenance

FOLDER = Path(__file__).parent / "results"
RECORDED = "recorded-curves"  # in place of a machine, for figures of recorded curves, which depend on none


@dataclass(frozen=True)
class Case:
    """One comparison. ``ratio`` above 1 always means that ours is better."""

    case: str
    baseline: float
    ours: float
    unit: str
    ratio: float
    target: float
    limit: str


def write_results(cases: Sequence[Case], machine: str | None = None) -> Path:
    """Write the cases beside those of other benchmarks of this ``machine`` and day; return the file."""
    device = "cuda" if Path("/dev/nvidia0").exists() else f"{len(os.sched_getaffinity(0))}cpu"
    path = FOLDER / f"{machine or device}-{time.strftime('%Y-%m-%d')}.json"
    earlier = json.loads(path.read_text())["cases"] if path.exists() else []
    names = {case.case for case in cases}
    unchanged = [case for case in earlier if case["case"] not in names]
    content = {"provenance": encode(provenance()), "load": os.getloadavg()[0]}
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps({**content, "cases": [*unchanged, *map(asdict, cases)]}, indent=1)
    path.write_text(text + "\n")
    return path

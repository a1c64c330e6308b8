"""Clone detection: do these two Java functions do the same? Answered by YES or NO, compared as text.

Rows in BigCloneBench's format, ``func1``, ``func2`` and ``label`` (CodeXGLUE, Code-Code/Clone-detection-
BigCloneBench; data under C-UDA). Prompt, phrases and draws are those of Astraios: instruct_codexglue_clone_-
detection.py of bigcode-evaluation-harness, branch ``astraios``, generates for 1,726 + 1,000 of the 415,416
test pairs, and eval_code_comprehension.ipynb scores 1,726 + 274 of those.
"""

from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.answers import Keywords
from astraios_ray.tasks.yes_no import YesNo

_HUB_FILES = 3  # of the test split


@dataclass(frozen=True)
class CloneDetection(YesNo):
    name = "clone_detection"
    ranking = "f1_macro"  # as in the paper: 274 of 2,000 are clones, so NO to everything would be 86 % right

    template = (
        "Question: Code1: {func1}.\nCode2: {func2}.\n"
        "Is there a clone relation between the Code1 and Code2, and respond to YES or NO.\n\nAnswer:"
    )
    label_key = "label"
    keywords = Keywords(yes=("there is a", "ere is a"), no=("there is no",))
    generated = (1726, 1000)
    scored = (1726, 274)
    sources = tuple(
        RowSource(
            in_root="bigclonebench/test.jsonl.gz",
            shipped=Path(__file__).parent / "rows" / "clone_detection.jsonl",
            repository="google/code_x_glue_cc_clone_detection_big_clone_bench",
            revision="07ecd480fd82c5ed63432a5acfe5a1ed0965d0e2",
            in_repository=f"data/test-{part:05d}-of-{_HUB_FILES:05d}.parquet",
        )
        for part in range(_HUB_FILES)
    )


evaluator = CloneDetection()

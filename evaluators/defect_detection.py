"""Defect detection: does this C function hold a defect? Answered by YES or NO, compared as text.

Rows in Devign's format, ``func`` and ``target`` (CodeXGLUE, Code-Code/Defect-detection; data under C-UDA).
Prompt, phrases and the draw of 2,000 of the 2,732 test rows are those of Astraios: instruct_codexglue_-
defect_detection.py of bigcode-evaluation-harness, branch ``astraios``, and eval_code_comprehension.ipynb.
"""

from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.answers import Keywords
from astraios_ray.tasks.yes_no import YesNo


@dataclass(frozen=True)
class DefectDetection(YesNo):
    name = "defect_detection"

    template = "Question: {func}\nIs there a defect in the Code, and respond to YES or NO.\n\nAnswer:"
    scored = (1081, 919)
    label_key = "target"
    keywords = Keywords(
        yes=("there is a", "ere is a", "has a defect", "contains a defect"), no=("there is no defect",)
    )
    sources = (
        RowSource(
            in_root="devign/test.jsonl.gz",
            shipped=Path(__file__).parent / "rows" / "defect_detection.jsonl",
            repository="google/code_x_glue_cc_defect_detection",
            revision="a618859d5c7a7aed0c495d4b9578fd64b77475b4",
            in_repository="data/test-00000-of-00001.parquet",
        ),
    )


evaluator = DefectDetection()

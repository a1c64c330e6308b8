"""Code refinement: repair a Java method whose names are normalised, compared as text.

Rows ``buggy`` and ``fixed``, or two files with one method a line (Tufano et al. 2019, arXiv 1812.08693;
CodeXGLUE, Code-Code/code-refinement, the small test set; data under C-UDA). The question is this project's,
in the template of the instruction rows.
"""

from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.code_match import CodeMatch


@dataclass(frozen=True)
class CodeRefinement(CodeMatch):
    name = "code_refinement"

    template = (
        "Question: {input}\nFix the bug in the Java method above and give it on one line, "
        "with a space between any two tokens.\n\nAnswer:"
    )
    input_key, target_key = "buggy", "fixed"
    source = RowSource(
        in_root="code_refinement_small/test.buggy.gz",
        shipped=Path(__file__).parent / "rows" / "code_refinement.jsonl",
        repository="google/code_x_glue_cc_code_refinement",
        revision="07ab797a018d0d5c448b56eb26b5e11aa5ad7659",
        in_repository="small/test-00000-of-00001.parquet",
    )


evaluator = CodeRefinement()

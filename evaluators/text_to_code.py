"""Text to code: write the Java method that a sentence and its class ask for, compared as text.

Rows in CONCODE's format, ``nl`` and ``code`` (Iyer et al. 2018, arXiv 1808.09588; CodeXGLUE, Text-Code/
text-to-code; data under C-UDA). Its public test rows hide their code, so the validation rows are asked.
The question is this project's, in the template of the instruction rows.
"""

from dataclasses import dataclass
from pathlib import Path

from astraios_ray.evaluation.row_source import RowSource
from astraios_ray.tasks.code_match import CodeMatch


@dataclass(frozen=True)
class TextToCode(CodeMatch):
    name = "text_to_code"

    template = (
        "Question: {input}\nWrite the Java method that is described above, on one line, "
        "with a space between any two tokens.\n\nAnswer:"
    )
    input_key, target_key = "nl", "code"
    source = RowSource(
        in_root="concode/dev.json.gz",
        shipped=Path(__file__).parent / "rows" / "text_to_code.jsonl",
        repository="google/code_x_glue_tc_text_to_code",
        revision="a2f20bce3c6ef88461b3e07a1f37be7ba053d0aa",
        in_repository="data/validation-00000-of-00001.parquet",
    )


evaluator = TextToCode()

"""Cut a completion of HumanEvalPack by the rules under which OctoPack and Astraios were scored.

The rules are those of bigcode-evaluation-harness, bigcode_eval/tasks/humanevalpack.py
(``remove_last_block`` and ``process_results``), as of its commit 0261c52.
"""

from collections.abc import Sequence

from astraios_ray.evaluation.postprocess import cut_at_stop

END_OF_TEXT = "<|endoftext|>"
PYTHON_STOP = ("\nclass", "\ndef", "\n#", "\n@", "\nprint", "\nif", "\nassert", END_OF_TEXT)
JAVA_STOP = (END_OF_TEXT,)
_JAVA_MAIN = "public static void main"
_EMPTY_MAIN = "public class Main {\n    }"


def cut_python(completion: str) -> str:
    """The completion up to the first stop string, and up to the first line that starts in column 0."""
    lines = cut_at_stop(completion.rstrip(), PYTHON_STOP).split("\n")
    ends = (number for number, line in enumerate(lines) if line.strip() and line[0] not in " \t")
    return "\n".join(lines[: next(ends, len(lines))])


def cut_java(completion: str) -> str:
    """The completion up to the brace that closes class Solution; the prompt left two braces open.

    Without such a brace, the text is cut before a ``main``, then behind its last closing brace; a brace that
    closes the class is added when exactly one is missing.
    """
    code = cut_at_stop(completion.rstrip(), JAVA_STOP)
    depth = 2
    for place, letter in enumerate(code):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return code[: place + 1]
    if _JAVA_MAIN in code:
        code = code[: code.index(_JAVA_MAIN)] + "}"
    if "}" in code:
        code = code[: code.rindex("}") + 1]
    return code + "\n}" if code.count("{") - 1 == code.count("}") else code


def cut_braces(completion: str, stop: Sequence[str]) -> str:
    """The completion up to the brace that closes the function; the prompt left one brace open.

    Without such a brace, the text is cut behind its last closing brace.
    """
    code = cut_at_stop(completion.rstrip(), (*stop, END_OF_TEXT))
    depth = 1
    for place, letter in enumerate(code):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return code[: place + 1]
    return code[: code.rindex("}") + 1] if "}" in code else code


def without_empty_main(program: str) -> str:
    """A whole Java program without the empty class Main that models write behind their solution."""
    return program.replace(_EMPTY_MAIN, "").strip()


def clean_description(text: str, docstring: str, solution: str, stop: Sequence[str]) -> str:
    """The part of a model's description that is used: no longer than the docstring, no line of the code.

    ``stop`` are the language's stop words. A line of the solution counts when it has more than 20
    characters (the harness's HumanEvalExplainDescribeBase).
    """
    description = cut_at_stop(text.strip()[: len(docstring)], stop).rstrip()
    for line in map(str.strip, solution.split("\n")):
        if len(line) > 20:
            description = description.replace(line, "")
    return description

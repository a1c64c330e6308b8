"""HumanEvalPack synthesize: write the function that a docstring describes."""

from dataclasses import dataclass

from astraios_ray.tasks.humanevalpack import HumanEvalPack, Row


@dataclass(frozen=True)
class Synthesize(HumanEvalPack):
    """The instruction, and the declaration with its docstring to go on with."""

    name: str = "humanevalpack_synthesize"

    def question(self, row: Row) -> str:
        return row["instruction"].strip()

    def answer_start(self, row: Row) -> str:
        return row["prompt"]


evaluator = Synthesize()

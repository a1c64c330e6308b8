"""HumanEvalPack fix: repair a function with one bug, shown together with its tests."""

from dataclasses import dataclass

from astraios_ray.tasks.humanevalpack import HumanEvalPack, Row


@dataclass(frozen=True)
class Fix(HumanEvalPack):
    """The buggy function and its tests (humanevalfixtests), and the declaration to go on with."""

    name: str = "humanevalpack_fix"

    def question(self, row: Row) -> str:
        buggy = self.declared(row) + row["buggy_solution"]
        return f"Fix bugs in {row['entry_point']}.\n{buggy}\n{row['test']}"


evaluator = Fix()

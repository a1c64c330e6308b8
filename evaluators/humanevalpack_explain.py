"""HumanEvalPack explain: describe a function, then write it anew from that description alone.

The first stage asks for the description (humanevalexplaindescribe), the second shows it without the code
(humanevalexplainsynthesize); what is judged is the program of the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.generations_file import Generations
from astraios_ray.records import Completion
from astraios_ray.tasks.humanevalpack import JUDGED, HumanEvalPack, Row
from astraios_ray.tasks.octopack_cut import clean_description
from astraios_ray.tasks.prompt_forms import prompt_of


@dataclass(frozen=True)
class Explain(HumanEvalPack):
    """Two stages: a description, then one program for each description."""

    name: str = "humanevalpack_explain"

    def question(self, row: Row) -> str:
        code = self.declared(row) + row["canonical_solution"]
        return (
            "Provide a concise natural language description of the code using at most "
            f"{len(row['docstring'])} characters.\n{code}"
        )

    def prompt(self, row: Row) -> str:
        return prompt_of(self.question(row))

    def then(self, problem: Problem, completion: Completion) -> Problem | None:
        if "description" in problem.answer:
            return None
        row = problem.answer
        described = clean_description(completion.text, row["docstring"], row["canonical_solution"], self.stop)
        question = (
            f"Write functional code in {JUDGED[self.language]} according to the description.\n{described}"
        )
        prompt = prompt_of(question, row["declaration"])
        return replace(problem, prompt=prompt, answer={**row, "description": described})

    def saved(self, generations: Generations) -> Sequence[Completion]:
        """Whole programs, one row per description, as the harness saves them."""
        return self.saved_programs(generations, one_row_per_sample=True)


evaluator = Explain()

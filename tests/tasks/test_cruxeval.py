"""CRUXEval: predictions of outputs and inputs, in both forms, and on its real rows."""

import gzip
import json
import os
from pathlib import Path

import pytest

from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.studies.score import score
from astraios_ray.tasks.cruxeval import predicted_input, predicted_output

EVERY = 1 if os.environ.get("ASTRAIOS_RAY_ALL_TESTS") else 50
REAL = Path(__file__).parents[2].parent / "shared" / "data" / "cruxeval" / "cruxeval.jsonl.gz"

ANSWERS = {  # what is predicted, an answer to the second built-in row, and whether it passes
    "a literal": ("output", "\nassert f('noon') == {'n': 2, 'o': 2}\n[/ANSWER]\nDone.", True),
    "an equal expression": ("output", " dict(n=2, o=1 + 1)", True),
    "another value": ("output", "\nassert f('noon') == {'n': 2}\n", False),
    "nothing": ("output", "", False),
    "two values": ("output", "{'n': 2, 'o': 2}, 1", False),
    "a call of the function": ("output", "\nassert f('noon') == f('noon')\n", False),
    "the same call in other words": ("output", "f(*['noon'])", False),
    "an object that equals everything": (
        *("output", "type('E', (), {'__eq__': lambda self, other: True})()"),
        False,
    ),
    "the row's input": ("input", "\nassert f('noon') == {'n': 2, 'o': 2}\n[/ANSWER]", True),
    "another input with this output": ("input", "f(text='no' + 'no')", True),
    "an input of a call": ("input", "f(''.join(f('no')) * 2)", True),
    "another input": ("input", "\nassert f('no') == {'n': 2, 'o': 2}\n", False),
    "no call": ("input", "{'n': 2, 'o': 2}", False),
    "a call that is not made": ("input", "{'n': 2, 'o': 2} or f(1)", False),
    "a call that is changed": ("input", "f('no') and {'n': 2, 'o': 2}", False),
    "another f": ("input", "(f := lambda: {'n': 2, 'o': 2})() or f()", False),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_prediction_is_right_or_wrong(case: str, sandbox: Bubblewrap) -> None:
    predict, text, passes = ANSWERS[case]
    evaluator = load_evaluator(f"cruxeval?predict={predict}&data=builtin")
    problem = evaluator.problems()[1]
    (verdict,) = evaluator.judge(problem, [Completion(problem.id, 0, text)], sandbox)
    assert (verdict.outcome is Outcome.PASSED) == passes, verdict


def test_a_prediction_is_what_stands_beside_the_equals_signs() -> None:
    assert predicted_output("\nassert f(1) == 'a==b' \n[/ANSWER] == 3") == "'a==b'"
    assert predicted_output(" 17 ") == "17"
    assert predicted_input("\nassert f(1) == 2\n[/ANSWER]") == "f(1)"
    assert predicted_input(" f(1)\n") == "f(1)"


@pytest.mark.parametrize("ask", ["instruct", "complete"])
def test_a_prompt_ends_where_the_answer_begins(ask: str) -> None:
    prompts = {
        predict: load_evaluator(f"cruxeval?predict={predict}&ask={ask}&data=builtin").problems()[2].prompt
        for predict in ("output", "input")
    }
    assert "assert f(90210) == ??\n[/PYTHON]" in prompts["output"]
    assert "assert f(??) == 5\n[/PYTHON]" in prompts["input"]
    between = "\n\nAnswer:\n" if ask == "instruct" else "\n"
    assert all(prompt.endswith(f"[/PYTHON]{between}[ANSWER]") for prompt in prompts.values())
    assert all(prompt.startswith("Question: ") == (ask == "instruct") for prompt in prompts.values())


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason=f"no real benchmark data at {REAL}")
@pytest.mark.parametrize("predict", ["output", "input"])
def test_every_reference_of_the_real_rows_passes(predict: str, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in gzip.decompress(REAL.read_bytes()).splitlines()]
    assert len(rows) == 800
    chosen = rows[::EVERY]
    data, generations = tmp_path / "rows.jsonl", tmp_path / "generations.json"
    data.write_text("".join(json.dumps(row) + "\n" for row in chosen))
    right = {row["id"]: row["output"] if predict == "output" else f"f({row['input']})" for row in chosen}
    generations.write_text(json.dumps({name: [text, f"[{text}]"] for name, text in right.items()}))
    result = score("cruxeval", generations, options={"predict": predict}, data=str(data), jobs=2).score
    assert result.solved == {row["id"]: 1 / 2 for row in chosen}
    assert result.one_process == ()

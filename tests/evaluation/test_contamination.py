"""What of a problem is compared with training rows."""

from astraios_ray.data.overlap import overlap
from astraios_ray.data.rows import Row
from astraios_ray.evaluation.contamination import texts_to_compare
from astraios_ray.evaluation.evaluator import Problem

SHARED = "Say YES or NO for the following text of a function that somebody wrote for another person to read:"


def test_the_parts_of_an_answer_that_are_particular_are_compared() -> None:
    answer = {"docstring": "Doubles.", "canonical_solution": "return 2 * x", "test": "assert True"}
    problems = [
        Problem("a", "Question: Say it.\n\nAnswer:", answer),
        Problem("b", "Go", {"statement": "Go on"}),
    ]
    assert texts_to_compare(problems) == {"a": "Doubles. return 2 * x", "b": "Go on"}


def test_a_prompt_is_compared_without_what_all_prompts_have() -> None:
    prompts = {"a": "one two", "b": "three", "c": "one four"}
    problems = [
        Problem(name, f"Question: {SHARED} {text} Is it?\n\nAnswer: def", {})
        for name, text in prompts.items()
    ]
    assert texts_to_compare(problems) == prompts


def test_the_only_prompt_is_compared_as_a_whole() -> None:
    assert texts_to_compare([Problem("a", "Go on with this", {})]) == {"a": " Go on with this"}


def test_a_training_row_with_the_text_of_a_prompt_is_an_overlap() -> None:
    texts = [" ".join(f"{letter}{number}" for number in range(20)) for letter in "ab"]
    problems = [Problem(text[0], f"Question: {SHARED} {text}\n\nAnswer:", {}) for text in texts]
    rows = [Row(text, "", f"row {number}", "") for number, text in enumerate((SHARED, texts[1]))]
    assert [(hit.row, hit.problem) for hit in overlap(rows, texts_to_compare(problems))] == [("row 1", "b")]

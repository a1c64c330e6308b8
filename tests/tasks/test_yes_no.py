"""Tasks of YES and NO, on the shipped rows of defect_detection and clone_detection."""

import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from astraios_ray.config.tasks import Task
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.evaluation.generations_file import read_generations
from astraios_ray.evaluation.loading import load_evaluator
from astraios_ray.records import Completion, Outcome
from astraios_ray.tasks.yes_no import YesNo
from tests.fakes.sandboxes import TrustingSandbox


def task(name: str, **options: str) -> YesNo:
    spec = Task(name, {"data": "builtin", **options})
    return cast(YesNo, load_evaluator(str(spec)))


def harness_file(folder: Path, labels: list[str], answers: list[str]) -> Path:
    rows = [
        [{"ID": n, "prediction": "1", "true_label": label, "raw_text": f"Question: q{n}\n\nAnswer:{answer}"}]
        for n, (label, answer) in enumerate(zip(labels, answers, strict=True))
    ]
    (folder / "saved.json").write_text(json.dumps(rows))
    return folder / "saved.json"


def test_the_question_is_the_papers() -> None:
    defect = task("defect_detection", subset="full").problems()[0]
    assert defect.prompt.startswith("Question: static int read_port(")
    assert defect.prompt.endswith("}\nIs there a defect in the Code, and respond to YES or NO.\n\nAnswer:")
    clone = task("clone_detection", subset="full").problems()[0]
    assert clone.prompt.startswith("Question: Code1: ")
    assert "}.\nCode2: " in clone.prompt
    assert clone.prompt.endswith(
        "}.\nIs there a clone relation between the Code1 and Code2, and respond to YES or NO.\n\nAnswer:"
    )


def test_text_is_asked_and_judged_without_a_sandbox() -> None:
    evaluator = task("defect_detection")
    assert evaluator.greedy
    assert not evaluator.executes
    assert evaluator.ranking in evaluator.metrics(
        [
            verdict
            for problem in evaluator.problems()
            for verdict in evaluator.judge(problem, [Completion(problem.id, 0, "yes")], TrustingSandbox())
        ]
    )


def test_a_verdict_says_what_was_answered_and_what_is_right() -> None:
    evaluator = task("defect_detection")
    for problem in evaluator.problems():
        texts = [Completion(problem.id, number, text) for number, text in enumerate((" YES", " NO", " hm"))]
        verdicts = evaluator.judge(problem, texts, TrustingSandbox())
        right = 0 if problem.answer["label"] == "1" else 1
        assert [verdict.outcome is Outcome.PASSED for verdict in verdicts] == [n == right for n in range(3)]
        assert [verdict.facts["answer"] for verdict in verdicts] == ["1", "0", "-1"]


def test_files_of_the_harness_carry_their_rows(tmp_path: Path) -> None:
    path = harness_file(tmp_path, ["0", "1", "1"], [" no", " hm", " yes"])
    generations = read_generations(path)
    assert task("defect_detection").carries_rows(generations)
    evaluator = task("defect_detection", data=str(path), subset="full")
    assert [problem.prompt for problem in evaluator.problems()] == [
        f"Question: q{n}\n\nAnswer:" for n in range(3)
    ]
    assert [completion.text for completion in evaluator.saved(generations)] == [" no", " hm", " yes"]


def test_a_drawn_part_of_saved_answers_meets_its_own_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["0", "1"] * 20
    path = harness_file(tmp_path, labels, [f" answer {n}" for n in range(40)])
    evaluator = task("defect_detection", data=str(path))
    monkeypatch.setattr(type(evaluator), "scored", (7, 4))
    completions = evaluator.saved(read_generations(path))
    assert [completion.problem for completion in completions] == [p.id for p in evaluator.problems()]
    assert len(completions) == 11
    for completion in completions:
        assert completion.text == f" answer {completion.problem.partition('/')[2]}"
    first = evaluator.saved(read_generations(path, limit=3))
    assert list(first) == list(completions[:3])


def test_answers_without_labels_stand_in_the_order_of_the_problems(tmp_path: Path) -> None:
    evaluator = task("clone_detection")
    problems = evaluator.problems()
    (tmp_path / "own.json").write_text(json.dumps([[f" {problem.id}"] for problem in problems]))
    completions = evaluator.saved(read_generations(tmp_path / "own.json"))
    assert [completion.text for completion in completions] == [f" {problem.id}" for problem in problems]


def test_labels_that_disagree_with_the_data_are_told(tmp_path: Path) -> None:
    evaluator = task("defect_detection")
    labels = [problem.answer["label"] for problem in replace(evaluator, subset="full").problems()]
    labels[2] = "1" if labels[2] == "0" else "0"
    path = harness_file(tmp_path, labels, [" no"] * len(labels))
    with pytest.raises(
        DataError, match=r"saved.json: row 3, sample 1: carries the label '0', its row has True"
    ):
        evaluator.saved(read_generations(path))


def test_a_subset_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="subset: expected sample2000 or full, found 'half'"):
        task("defect_detection", subset="half")


def test_rows_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"func": "int f;", "target": 3}\n{"target": 1}\n')
    with pytest.raises(DataError) as caught:
        task("defect_detection", data=str(tmp_path / "rows.jsonl")).problems()
    assert [line.split(": ", 1)[1] for line in str(caught.value).splitlines()] == [
        "'target' must be true or false, 1 or 0, found 3",
        "'func' is missing; the row has ['target']",
    ]

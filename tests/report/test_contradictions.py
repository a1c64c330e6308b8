"""One record never says two things that contradict each other, wherever it says them."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from astraios_ray.evaluation.mean_interval import mean_interval
from astraios_ray.records import Score, StudyRecord, TrialResult, TrialState
from astraios_ray.report.analysis.leaderboard import Leaderboard, leaderboard
from astraios_ray.report.render.document import document
from astraios_ray.report.render.markdown import markdown, plain
from astraios_ray.report.render.text import text
from astraios_ray.report.sections.collect import sections
from astraios_ray.report.sections.section import Section
from tests.fakes.study_records import record, result, score

RECORDS = 24
METHODS = ("full", "lora", "ia3", "parallel")
BASE = "the untuned base"
RELATIONS = {
    "is better than": "better",
    "cannot be told apart from": "tie",
    "solves fewer of them than": "worse",
    "shares no recorded problems with": "unknown",
}
TURNED = {"better": "worse", "worse": "better", "tie": "tie"}
GAIN = re.compile(
    r"the best is better than it|the best cannot be told apart from it|it is better than the best"
)
GAINS = {"the best is": "better", "the best ca": "tie", "it is bette": "worse"}
NAMES = re.compile(r", | and | or ")


@dataclass(frozen=True)
class Report:
    board: Leaderboard
    parts: tuple[Section, ...]
    content: dict[str, Any]

    def words(self, key: str) -> str:
        return " ".join(sentence for part in self.parts if part.key == key for sentence in part.sentences)

    @property
    def warnings(self) -> str:
        return " ".join(self.content["warnings"])


def draw_record(seed: int) -> StudyRecord:
    """A study of one to four methods, scored or not, repeated or not, with groups and audits."""
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    names, groups = METHODS[: rng.randint(1, 4)], rng.choice([0, 2])
    difficulty = numbers.normal(0, 2, rng.choice([4, 20, 40]))
    ability = {name: rng.gauss(0, 1) for name in names}

    def scored(level: float) -> tuple[Score, ...]:
        chances = 1 / (1 + np.exp(difficulty - level - 2 * numbers.normal(size=len(difficulty))))
        return (_score(numbers.binomial(5, chances) / 5, groups),)

    trials: list[TrialResult] = []
    for name in names:
        for _ in range(rng.randint(1, 5)):
            level = ability[name] + rng.gauss(0, 0.5)
            trials.append(_trial(rng, len(trials), name, level, scored(level) if rng.random() < 0.7 else ()))
    if rng.random() < 0.3:
        trials += [repeat for first in trials[:2] for repeat in _repeats(rng, first, scored)]
    base = scored(-1.5) if rng.random() < 0.8 else ()
    ranges = {"learning_rate": {"min": 1e-4, "max": 1e-2, "log": True}}
    return record(
        *trials,
        base=base,
        methods=dict.fromkeys(names, ranges),
        early_stop={"rule": "halving", "grace": 20, "reduction": 3},
        training={"max_steps": 200, "validate_every": 20},
    )


def _trial(
    rng: random.Random, number: int, name: str, level: float, scores: tuple[Score, ...]
) -> TrialResult:
    loss = 2.0 - 0.3 * level + rng.gauss(0, 0.2)
    if rng.random() < 0.25:
        reason = rng.choice(["rank 5 of 9", "the study's budget is spent"])
        return result(number, name, losses={20: loss + 1}, state=TrialState.STOPPED, reason=reason)
    made = result(number, name, losses={20: loss + rng.gauss(1, 0.3), 200: loss}, scores=scores)
    recipe = replace(made.spec.recipe, learning_rate=10 ** rng.uniform(-4, -2))
    return replace(made, spec=replace(made.spec, recipe=recipe), audited=rng.random() < 0.2)


def _repeats(rng: random.Random, first: TrialResult, scored: Any) -> Iterator[TrialResult]:
    for seed in (1, 2, 3) if first.state is TrialState.COMPLETE else ():
        spec = replace(first.spec, number=first.spec.number + 1000 * seed, repeat_of=first.spec.id)
        points = tuple(replace(point, loss=point.loss + rng.gauss(0, 0.1)) for point in first.points)
        yield replace(first, spec=spec, points=points, audited=False, scores=scored(rng.gauss(0, 1)))


def _score(shares: Any, group: int) -> Score:
    solved = {f"p{place}": float(share) for place, share in enumerate(shares)}
    groups = {name: f"g{place // group}" for place, name in enumerate(solved)} if group else {}
    units = [groups.get(name, name) for name in solved]
    values = list(solved.values())
    made = score(float(np.mean(values)), problems=len(values))
    intervals = {"pass_at_1": mean_interval(values, units)}
    return replace(made, samples=5, solved=solved, groups=groups, intervals=intervals)


@cache
def reported(seed: int) -> Report:
    board = leaderboard(draw_record(seed))
    parts = sections(board)
    return Report(board, parts, document(board, parts))


@pytest.fixture(params=range(RECORDS))
def report(request: pytest.FixtureRequest) -> Report:
    return reported(request.param)


def test_two_models_stand_in_one_relation(report: Report) -> None:
    relations: dict[tuple[str, str], set[str]] = {}
    for one, other, relation in claims(report):
        relations.setdefault((one, other), set()).add(relation)
    assert {pair: found for pair, found in relations.items() if len(found) > 1} == {}


def claims(report: Report) -> Iterator[tuple[str, str, str]]:
    """Each two models and their relation, by every sentence and table that gives one."""
    best = report.board.scored[0].method if report.board.scored else ""
    of_several = len({row.method for row in report.board.scored}) > 1
    for words in (report.content["verdict"], report.words("methods")) if of_several else ():
        for sentence in re.findall(r"On the same problems \S+ \(t\d+\) ([^.]*)\.", words):
            yield from _phrases(best, sentence.split("; it "))
        yield from ((best, BASE, GAINS[match[:11]]) for match in GAIN.findall(words))
    for gain in re.findall(
        r"\d of \d methods? (?:is|are) better than the base[^.]*\.", report.words("methods")
    ):
        yield from ((name, BASE, "tie") for name in _names(gain, r"not shown for ([^;.]*)"))
        yield from ((name, BASE, "worse") for name in _names(gain, r"worse than it: ([^;.]*)"))
    for part in report.parts:
        for heading, table in part.tables:
            for line in table.lines if heading == "Verdicts" else ():
                method, *cells = (cell.text for cell in line)
                for cell, relation in zip(cells, ("better", "tie", "worse"), strict=True):
                    yield from _both(method, NAMES.split(cell), relation)


def _phrases(best: str, phrases: list[str]) -> Iterator[tuple[str, str, str]]:
    for phrase in phrases:
        for start, relation in RELATIONS.items():
            if phrase.startswith(start):
                yield from _both(best, NAMES.split(phrase.removeprefix(start).strip()), relation)


def _both(one: str, others: list[str], relation: str) -> Iterator[tuple[str, str, str]]:
    for other in others:
        if other in METHODS and relation in TURNED:
            yield one, other, relation
            yield other, one, TURNED[relation]


def _names(words: str, pattern: str) -> list[str]:
    return [name for names in re.findall(pattern, words) for name in NAMES.split(names)]


def test_the_loss_is_trusted_only_where_no_method_is_misranked_by_it(report: Report) -> None:
    words = report.words("proxy")
    if words.startswith("Trust it to choose what is worth scoring:"):
        assert "by loss than it is" not in words + report.warnings
    assert ("Trust it" in words) + ("Do not trust it" in words) + ("Not known" in words) == 1


def test_a_comparison_is_called_equal_only_where_no_warning_names_a_difference(report: Report) -> None:
    if "differ in nothing but the method" in report.words("fairness"):
        beside = "beside their numbers of trials" in report.words("fairness")
        assert beside == ("unequal numbers of trials" in report.warnings)
        assert "end of its range" not in report.warnings


def test_no_interval_is_wider_than_the_warning_of_few_problems_says(report: Report) -> None:
    scores = [row.score for row in report.board.scored if row.score]
    spans = [score.intervals["pass_at_1"] for score in scores]
    for most in re.findall(r"reaches up to \u00b1(\d+)", report.warnings):
        assert all(100 * (high - low) / 2 <= int(most) + 0.5 for low, high in spans)


def test_losers_are_counted_alike_and_luck_is_no_advice(report: Report) -> None:
    words = report.words("pruning")
    stopped = [row for row in report.board.rows if row.result.state is TrialState.STOPPED]
    lost = [row for row in stopped if "budget" not in row.result.reason]
    finished = [row for row in report.board.ranked if row.full_length and row.result.audited]
    for losers in re.findall(r"^Of (\d+) losers?", words):
        assert int(losers) == len(lost) + len(finished)
    assert not ("may be luck" in words and "stop later" in words)


def test_one_training_seed_is_said_of_methods_that_were_not_repeated_alone(report: Report) -> None:
    (names,) = re.findall(r"One training seed alone speaks for ([^:]*):", report.warnings) or [""]
    best = report.board.best_per_method
    repeated = {method for method, row in best.items() if row and row.seeds}
    assert not repeated & set(NAMES.split(names))
    assert names != "every method" or not repeated


def test_every_warning_stands_in_every_form(report: Report) -> None:
    record = report.board.record
    page, console = markdown(report.board, report.parts), " ".join(text(record).split())
    for warning in report.content["warnings"]:
        assert plain(warning) in page
        assert " ".join(warning.split()) in console


def test_the_records_hold_what_the_sentences_are_about() -> None:
    """The rules above are about something: each kind of sentence is in some record."""
    said = " ".join(
        words
        for report in map(reported, range(RECORDS))
        for words in (*(s for part in report.parts for s in part.sentences), report.warnings)
    )
    for words in (
        "is better than",
        "cannot be told apart",
        "better than the base",
        "Do not trust it",
        "One training seed alone",
        "unequal numbers of",
        "Of 2 losers",
        "may be luck",
        "are few",
    ):
        assert words in said, words

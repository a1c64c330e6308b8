"""Verdicts on simulated searches, from records to report: false ones, right ones, and the winner's score."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from scipy import stats

from astraios_ray.report.analysis.chosen_winner import chosen_winner
from astraios_ray.report.analysis.leaderboard import leaderboard
from astraios_ray.report.analysis.paired_comparison import Pair, PairVerdict, pairs
from astraios_ray.report.statistics import seeds
from astraios_ray.report.wording import NOTHING
from tests.fakes.planted_searches import METHODS, PlantedStudy, Search, ability_of, searched

PAGE = Path(__file__).parents[2] / "docs" / "report.md"
STUDIES = 300  # a row of the table
SINGLE = Search(dict.fromkeys(METHODS, 4))
FEW = 24  # studies of a quick test
UNEQUAL = replace(SINGLE, trials={**SINGLE.trials, "full": 12})
REPEATED = replace(SINGLE, repeats=3)


@dataclass
class Tally:
    """What the reports of several studies said, as counts."""

    studies: int = 0
    false: int = 0  # studies with any verdict on equal methods, or one that is the wrong way round
    held: int = 0  # studies whose winner's corrected interval holds the truth
    first: int = 0  # studies whose best method ranks first
    unequal: int = 0  # pairs of methods that are not equal
    right: int = 0  # of these: named rightly

    def add(self, study: PlantedStudy, abilities: Mapping[str, float]) -> None:
        """Count one study."""
        board = leaderboard(study.record)
        winner, first = chosen_winner(board), board.scored[0]
        verdicts = [_right(pair, abilities) for pair in pairs(board)]
        assert winner and len(verdicts) == 21
        low, high = winner.interval
        self.studies += 1
        self.false += False in verdicts
        self.held += low <= study.truths[first.trial] <= high
        self.first += abilities[first.method] == max(abilities.values())
        self.unequal += sum(abilities[one] != abilities[other] for one, other in _couples(abilities))
        self.right += verdicts.count(True)

    def cells(self) -> list[str]:
        """The table's cells: false verdicts, the winner's interval, the best first, named rightly."""
        apart = [self.first / self.studies, self.right / self.unequal] if self.unequal else []
        shares = [self.false / self.studies, self.held / self.studies, *apart]
        return [*(f"{100 * share:.1f} %" for share in shares), *[NOTHING] * (4 - len(shares))]


def _couples(abilities: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    names = list(abilities)
    return ((one, other) for place, one in enumerate(names) for other in names[place + 1 :])


def _right(pair: Pair, abilities: Mapping[str, float]) -> bool | None:
    """Whether a verdict is true; None where the report says that the two are not told apart."""
    if pair.verdict is PairVerdict.TIE:
        return None
    gap = abilities[pair.one.name] - abilities[pair.other.name]
    return gap > 0 if pair.verdict is PairVerdict.BETTER else gap < 0


def tally(design: Search, points: int = 0, studies: int = STUDIES) -> Tally:
    """Studies in which lora solves so many points more than six equal methods that solve half."""
    abilities = dict.fromkeys(METHODS, 0.0)
    if points:
        abilities["lora"] = ability_of(0.5 + points / 100)
    total = Tally()
    for seed in range(studies):
        total.add(searched(seed, abilities, design), abilities)
    return total


ROWS: dict[str, tuple[Search, int]] = {
    "equal": (SINGLE, 0),
    "equal, one method with 12 trials": (UNEQUAL, 0),
    "equal, 20 families": (replace(SINGLE, families=20), 0),
    "equal, every trial scored": (replace(SINGLE, which="all"), 0),
    "equal, learning rate matters more": (replace(SINGLE, tuning=4.0), 0),
    "equal, twice the luck": (replace(SINGLE, luck=0.8), 0),
    "equal, 3 seeds": (REPEATED, 0),
    "equal, 3 seeds, one method with 12 trials": (replace(UNEQUAL, repeats=3), 0),
    "equal, 3 seeds, learning rate matters more": (replace(REPEATED, tuning=4.0), 0),
    "equal, 3 seeds, twice the luck": (replace(REPEATED, luck=0.8), 0),
    "5 points": (SINGLE, 5),
    "10 points": (SINGLE, 10),
    "20 points": (SINGLE, 20),
    "5 points, 3 seeds": (REPEATED, 5),
    "10 points, 3 seeds": (REPEATED, 10),
    "20 points, 3 seeds": (REPEATED, 20),
}


def at_most(share: float, count: int, studies: int) -> bool:
    """Whether so many of the studies are no more than the share explains by chance."""
    return bool(stats.binomtest(count, studies, share, alternative="greater").pvalue > 0.001)


@pytest.mark.parametrize(
    ("design", "studies"),
    [(SINGLE, FEW), (UNEQUAL, FEW), (REPEATED, 8)],
    ids=["single", "unequal", "repeated"],
)
def test_equal_methods_are_told_apart_in_at_most_five_of_a_hundred(design: Search, studies: int) -> None:
    total = tally(design, studies=studies)
    assert at_most(0.05, total.false, studies)
    assert at_most(0.07, studies - total.held, studies)


def test_without_the_luck_of_searches_equal_methods_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEED_SPREAD", "TUNING_SPREAD"):
        monkeypatch.setattr(seeds, name, 0.0)
    assert tally(SINGLE, studies=FEW).false > FEW / 5


def test_a_method_that_is_20_points_better_is_named() -> None:
    total = tally(SINGLE, 20, FEW)
    assert total.first == FEW and total.right > total.unequal / 3


@pytest.mark.slow
@pytest.mark.skipif(
    os.environ.get("ASTRAIOS_RAY_ALL_TESTS") != "1", reason="minutes; ASTRAIOS_RAY_ALL_TESTS=1 runs it"
)
@pytest.mark.parametrize("row", ROWS)
def test_the_table_in_the_documentation_is_what_comes_out(row: str) -> None:
    (cells,) = re.findall(rf"^\| {re.escape(row)} \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert tally(*ROWS[row]).cells() == cells.split(" | ")

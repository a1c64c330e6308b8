"""The tables of docs/methods.md agree with what the methods say of themselves."""

import re
from pathlib import Path

import pytest

from astraios_ray.config.read_study import load_study
from astraios_ray.methods import METHODS, hyperparameters_of, traits_of

PAGE = (Path(__file__).parents[2] / "docs" / "methods.md").read_text()
LAYERS, TRAITS = (  # what a method trains, and what it says of itself: tables of three and of six columns
    {
        row[0].strip(" `"): [cell.strip() for cell in row[1:]]
        for row in (
            line.strip("|").split("|") for line in PAGE.splitlines() if re.match(r"\| `\w+` \|", line)
        )
        if len(row) == columns
    }
    for columns in (3, 6)
)


def test_every_method_that_the_quickstart_compares_is_in_both_tables() -> None:
    assert load_study("quickstart").methods.keys() <= TRAITS.keys() <= set(METHODS)
    assert TRAITS.keys() <= LAYERS.keys()


@pytest.mark.parametrize("method", TRAITS)
def test_a_row_says_what_the_method_says(method: str) -> None:
    traits, (base, passes, merges, *_) = traits_of(method, {}), TRAITS[method]
    assert base == ("shared" if traits.shares_base else "a copy")
    assert passes == ("shared" if traits.packs else "in turns")
    assert merges == ("it is the model" if traits.trains_whole_model else "yes" if traits.merges else "no")


@pytest.mark.parametrize("method", TRAITS)
def test_every_hyperparameter_is_described(method: str) -> None:
    assert all(f"`{name}`" in PAGE for name in hyperparameters_of(method))

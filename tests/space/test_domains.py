"""Domains: written, read back, drawn from."""

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from astraios_ray.config.dialect import Entry, written
from astraios_ray.records import Value
from astraios_ray.space.domains import (
    Choice,
    Constant,
    Domain,
    Real,
    Whole,
    at,
    corners,
    described,
    domain_of,
    entry_of,
    options,
)

settings.register_profile("quick", deadline=None, database=None)
settings.load_profile("quick")  # a busy machine is no failure
words = st.text("abcxyz _-", min_size=1, max_size=8)
numbers = st.floats(1e-9, 1e9)
wholes = st.integers(1, 10**6)
values = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), numbers, words, st.none())
reals = st.tuples(numbers, numbers, st.booleans()).filter(lambda t: t[0] < t[1]).map(lambda t: Real(*t))
ranges = st.tuples(wholes, wholes, st.booleans()).filter(lambda t: t[0] < t[1]).map(lambda t: Whole(*t))
stepped = st.tuples(wholes, st.integers(2, 9), st.integers(1, 9)).map(
    lambda t: Whole(t[0], t[0] + t[1] * t[2], False, t[1])
)
choices = st.lists(values, min_size=1, max_size=5, unique_by=lambda v: (type(v), v)).map(
    lambda v: Choice(tuple(v))
)
domains = st.one_of(values.map(Constant), choices, reals, ranges, stepped)


@given(domains)
def test_a_domain_is_the_same_after_writing_and_reading(domain: Domain) -> None:
    text = yaml.safe_dump({"x": written(entry_of(domain))})
    entry = TypeAdapter(Entry).validate_python(yaml.safe_load(text)["x"])
    assert domain_of(entry) == domain


@given(domains, st.floats(0, 1))
def test_every_draw_is_inside(domain: Domain, share: float) -> None:
    value = at(domain, share)
    values = options(domain) if not isinstance(domain, Whole) or domain.high - domain.low < 1000 else None
    if values is not None:
        assert value in values
    elif isinstance(domain, Real | Whole):
        assert isinstance(value, float if isinstance(domain, Real) else int)
        assert domain.low <= value <= domain.high


@given(domains)
def test_the_ends_of_a_range_are_drawn_at_zero_and_one(domain: Domain) -> None:
    if isinstance(domain, Real | Whole):
        assert (at(domain, 0.0), at(domain, 1.0)) == pytest.approx(corners(domain))


def test_a_log_range_has_its_geometric_middle_in_the_middle() -> None:
    value = at(Real(1e-4, 1e-2, log=True), 0.5)
    assert isinstance(value, float)
    assert math.isclose(value, 1e-3)


def test_a_choice_is_drawn_evenly() -> None:
    assert [at(Choice((1, 2, 3, 4)), share) for share in (0.0, 0.26, 0.51, 0.76, 1.0)] == [1, 2, 3, 4, 4]


def test_steps_are_listed() -> None:
    assert tuple(options(Whole(2, 8, step=3)) or ()) == (2, 5, 8)
    assert tuple(options(Real(0.0, 1.0, step=0.5)) or ()) == (0.0, 0.5, 1.0)
    assert options(Real(0.0, 1.0)) is None


def test_whole_numbers_make_a_whole_range_and_a_dot_a_real_one() -> None:
    read = TypeAdapter(Entry).validate_python
    assert domain_of(read({"min": 1, "max": 4})) == Whole(1, 4)
    assert domain_of(read({"min": 0, "max": 0.5})) == Real(0.0, 0.5)


def test_domains_are_described_in_words() -> None:
    described_values: list[tuple[Domain, str]] = [
        (Constant(True), "true"),
        (Choice((4, 8, 16)), "4, 8 or 16"),
        (Choice(("bert",)), "bert"),
        (Real(1e-4, 1e-2, log=True), "0.0001 to 0.01 (log)"),
        (Whole(1, 9, step=2), "1 to 9, step 2"),
    ]
    for domain, words_of_it in described_values:
        assert described(domain) == words_of_it


def test_a_bool_and_a_number_are_different_values() -> None:
    values: tuple[Value, ...] = (1, True)
    assert domain_of(TypeAdapter(Entry).validate_python(list(values))) == Choice(values)

"""docs/models.md says of every architecture what a run of a tiny random model of it finds.

By default a few unlike architectures are run; with ASTRAIOS_RAY_ALL_TESTS all are.
"""

import os
from pathlib import Path

import pytest

from tests.contracts.architecture_facts import NO
from tests.contracts.models_page import BEGIN, PAGE, entries, entry, with_entries
from tests.fakes.small_models import ALL

FEW = (
    "Bloom",
    "Gemma3Text",
    "Qwen3Moe",
    "Qwen3Next",
    "T5 (gated)",
    "Bart",
)  # positions by bias, windows, experts, linear attention, encoder-decoders with a cache and without
RUN = ALL if os.environ.get("ASTRAIOS_RAY_ALL_TESTS") else FEW


@pytest.mark.parametrize("architecture", RUN)
def test_its_row_is_what_a_run_finds(architecture: str, tmp_path: Path) -> None:
    assert entry(architecture, tmp_path) == entries(PAGE.read_text())[architecture]


def test_every_architecture_has_a_row_and_nothing_in_it_fails() -> None:
    rows = {name: row for name, (row, _) in entries(PAGE.read_text()).items()}
    assert rows.keys() == set(ALL)
    assert [name for name, row in rows.items() if f"| {NO} |" in row] == []


def test_a_page_that_is_written_has_the_rows_and_notes_that_are_read() -> None:
    page = PAGE.read_text()
    assert with_entries(page, entries(page)) == page
    changed = {"Llama": ("| Llama | no |", "* Llama: a long reason\n  on two lines.")}
    assert entries(with_entries(f"above {BEGIN} below <!-- end of table -->", changed)) == changed

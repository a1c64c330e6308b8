import json
from pathlib import Path

import pytest

from astraios_ray.data.row_reader import read_rows
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.records import DataRef

REAL = (
    Path(__file__).parents[2].parent / "shared" / "data" / "commitpackft_oasst"
)  # a sibling folder of real rows


def write(path: Path, records: list[object]) -> DataRef:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return DataRef(str(path))


def test_rows_come_in_their_order_with_their_places(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.jsonl", [{"prompt": f"p{n}", "completion": "c"} for n in range(3)])
    rows = read_rows(ref)
    assert [row.prompt for row in rows] == ["p0", "p1", "p2"]
    assert [row.source for row in rows] == [f"{ref.train}:{n}" for n in (1, 2, 3)]


def test_no_more_rows_are_read_than_the_limit(tmp_path: Path) -> None:
    records: list[object] = [{"prompt": "p", "completion": "c"}, {"prompt": "p", "completion": "c"}, "broken"]
    path = write(tmp_path / "a.jsonl", records).train
    assert len(read_rows(DataRef(path, limit=2))) == 2


def test_every_bad_row_is_counted_and_the_first_twenty_are_listed(tmp_path: Path) -> None:
    ref = write(tmp_path / "a.jsonl", [{"prompt": "p", "completion": "c"}, *[{"prompt": "p"}] * 30])
    with pytest.raises(DataError) as caught:
        read_rows(ref)
    lines = str(caught.value).splitlines()
    assert lines[0] == "30 of 31 rows cannot be used:"
    assert lines[1] == (
        f"{ref.train}:2: completion: is missing beside the other columns of prompt and completion; "
        "found 'prompt'."
    )
    assert len(lines) == 22
    assert lines[-1] == "… and 10 more."


def test_a_file_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no rows, expected at least one"):
        read_rows(write(tmp_path / "a.jsonl", []))


def test_the_primer_is_built_in_and_nothing_else() -> None:
    rows = read_rows(DataRef("builtin:primer", limit=10))
    assert rows[9].source == "builtin:primer:10"
    assert rows[0].columns == "subject+old_contents+new_contents"
    with pytest.raises(ConfigError, match=r"nothing is built in as 'builtin:prime'. Known: builtin:primer"):
        read_rows(DataRef("builtin:prime"))


def test_a_hub_id_without_a_revision_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(
        ConfigError, match=r"data\.revision: the hub dataset 'bigcode/guanaco-commits' needs one"
    ):
        read_rows(DataRef("bigcode/guanaco-commits"))


def test_a_misspelt_path_is_no_hub_id() -> None:
    with pytest.raises(ConfigError, match=r"there is no file 'data/rows\.jsonl'"):
        read_rows(DataRef("data/rows.jsonl"))


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no real rows in {REAL}")
@pytest.mark.parametrize(
    ("name", "count"), [("oasstcommitpackft.jsonl.gz", 151), ("oasstcommitpackftmanual.jsonl.gz", 1178)]
)
def test_octopacks_own_rows_are_all_read(name: str, count: int) -> None:
    assert len(read_rows(DataRef(str(REAL / name)))) == count

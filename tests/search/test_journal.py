import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from astraios_ray.errors import TornFile
from astraios_ray.search.journal import Journal, read_journal


def write_journal(path: Path, count: int = 5) -> bytes:
    journal = Journal(path)
    for number in range(count):
        journal.write("thing", number=number, loss=float("nan"))
    journal.close()
    return path.read_bytes()


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    write_journal(tmp_path / "journal")
    assert [record["number"] for record in read_journal(tmp_path / "journal")] == list(range(5))


def test_no_file_is_an_empty_journal(tmp_path: Path) -> None:
    assert list(read_journal(tmp_path / "none")) == []


def test_a_cut_at_any_byte_loses_only_the_unfinished_record(tmp_path: Path) -> None:
    content = write_journal(tmp_path / "whole")
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    for cut in range(len(content) + 1):
        path = tmp_path / "cut"
        path.write_bytes(content[:cut])
        Journal(path).close()
        assert len(list(read_journal(path))) == sum(end <= cut for end in ends)


def test_a_record_that_does_not_fit_on_the_disk_leaves_the_journal_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    content = write_journal(path)
    room = len(content) + 100
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from astraios_ray.search.journal import Journal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n"
        f"journal = Journal(Path({str(path)!r}))\n"
        "try: journal.write('thing', text='x' * 500)\n"
        "except OSError as error: print(error.strerror)\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "File too large\n"
    assert path.read_bytes() == content


def test_a_flipped_byte_is_refused_with_its_line(tmp_path: Path) -> None:
    content = bytearray(write_journal(tmp_path / "journal"))
    content[content.index(b"\n") + 20] ^= 1
    (tmp_path / "journal").write_bytes(content)
    with pytest.raises(TornFile, match="journal:2: the record does not match its checksum"):
        list(read_journal(tmp_path / "journal"))


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ([0, 2, 3, 4], "journal:2: expected record 2, found record 3"),
        ([1, 2, 3, 4], "journal:1: expected record 1, found record 2"),
        ([0, 1, 1, 2, 3, 4], "journal:3: expected record 3, found record 2"),
        ([0, 2, 1, 3, 4], "journal:2: expected record 2, found record 3"),
    ],
    ids=["missing", "first missing", "doubled", "swapped"],
)
def test_missing_doubled_and_swapped_records_are_refused_with_their_place(
    tmp_path: Path, order: list[int], place: str
) -> None:
    lines = write_journal(tmp_path / "journal").splitlines(keepends=True)
    (tmp_path / "journal").write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(TornFile, match=place):
        list(read_journal(tmp_path / "journal"))


def test_a_record_of_another_journal_is_refused(tmp_path: Path) -> None:
    for name, loss in (("journal", 1.0), ("other", 2.0)):
        journal = Journal(tmp_path / name)
        for number in range(3):
            journal.write("thing", number=number, loss=loss)
        journal.close()
    lines, others = ((tmp_path / n).read_bytes().splitlines(keepends=True) for n in ("journal", "other"))
    (tmp_path / "journal").write_bytes(lines[0] + others[1] + lines[2])
    with pytest.raises(TornFile, match="journal:2: the record does not match its checksum"):
        list(read_journal(tmp_path / "journal"))


def test_records_of_older_versions_are_read_before_those_of_today(tmp_path: Path) -> None:
    bodies = [json.dumps({"kind": "thing", "number": number}).encode() for number in range(2)]
    old = b"".join(b"%08x %s\n" % (zlib.crc32(body), body) for body in bodies)
    (tmp_path / "journal").write_bytes(old)
    journal = Journal(tmp_path / "journal")
    journal.write("thing", number=2)
    journal.write("thing", number=3)
    journal.close()
    assert [record["number"] for record in read_journal(tmp_path / "journal")] == [0, 1, 2, 3]
    lines = (tmp_path / "journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "journal").write_bytes(lines[0] + lines[2] + lines[1] + lines[3])
    with pytest.raises(TornFile, match="journal:2: expected record 2, found record 3"):
        list(read_journal(tmp_path / "journal"))


def test_writing_goes_on_after_a_torn_tail(tmp_path: Path) -> None:
    content = write_journal(tmp_path / "journal")
    (tmp_path / "journal").write_bytes(content[:-3])
    journal = Journal(tmp_path / "journal")
    journal.write("thing", number=9)
    journal.close()
    assert [record["number"] for record in read_journal(tmp_path / "journal")] == [0, 1, 2, 3, 9]

import subprocess
import sys
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


def test_writing_goes_on_after_a_torn_tail(tmp_path: Path) -> None:
    content = write_journal(tmp_path / "journal")
    (tmp_path / "journal").write_bytes(content[:-3])
    journal = Journal(tmp_path / "journal")
    journal.write("thing", number=9)
    journal.close()
    assert [record["number"] for record in read_journal(tmp_path / "journal")] == [0, 1, 2, 3, 9]

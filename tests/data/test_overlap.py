from astraios_ray.data.overlap import overlap
from astraios_ray.data.row_reader import read_rows
from astraios_ray.data.rows import Row
from astraios_ray.embedded.primer_problems import primer_problems
from astraios_ray.records import DataRef

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


def row(prompt: str, completion: str = "fine") -> Row:
    return Row(prompt, completion, "f:1", "prompt+completion")


def test_thirteen_shared_words_in_a_row_are_an_overlap() -> None:
    (match,) = overlap([row(f"Do say: {LONG.upper()}!")], {"p": LONG})
    assert (match.row, match.problem) == ("f:1", "p")
    assert match.words == " ".join(LONG.split()[:13])


def test_twelve_shared_words_are_none() -> None:
    assert overlap([row(" ".join(LONG.split()[:12]))], {"p": LONG}) == []


def test_a_short_text_must_be_there_whole() -> None:
    assert overlap([row("Add 12 to x, please.")], {"p": "Add 12 to x."})
    assert not overlap([row("Add 13 to x, please.")], {"p": "Add 12 to x."})
    assert not overlap([row("Add 123 to x, please.")], {"p": "Add 12"})


def test_a_text_without_words_overlaps_nothing() -> None:
    assert overlap([row("a b c")], {"p": " ... "}) == []


def test_an_overlap_is_told_once_for_each_row_and_problem() -> None:
    assert len(overlap([row(LONG), row(LONG)], {"p": LONG, "q": LONG})) == 2


def test_the_primers_rows_hold_none_of_its_problems() -> None:
    texts = {problem.task_id: problem.docstring for problem in primer_problems()}
    assert overlap(read_rows(DataRef("builtin:primer")), texts) == []

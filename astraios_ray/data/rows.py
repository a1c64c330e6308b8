"""An instruction row, and the columns of a record that make one."""

from collections.abc import Mapping
from dataclasses import dataclass

from astraios_ray.records import DataRef

COMMIT_COLUMNS = ("subject", "old_contents", "new_contents")  # CommitPackFT's
LONGEST = 1_000_000  # characters of a prompt or a completion; a longer text means a broken file


@dataclass(frozen=True)
class Row:
    """One instruction and its answer. ``source`` is its place as ``file:row``, counted from 1."""

    prompt: str
    completion: str
    source: str
    columns: str  # the columns that it was made from, joined by "+"

    @property
    def question(self) -> str:
        """The prompt part of ``text``, up to the colon of the answer."""
        return f"Question: {self.prompt}\n\nAnswer:"

    @property
    def text(self) -> str:
        """The row in Astraios' template (training/finetune.py, ``prepare_sample_text``)."""
        return f"{self.question} {self.completion}"


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


def make_row(record: object, source: str, ref: DataRef) -> Row | BadRow:
    """The row in ``record``, or a BadRow with the reason why it has none.

    The columns that ``ref`` names come first. Without them CommitPackFT's are used: the prompt is subject,
    line end, old contents, and the completion is the new contents (OctoPack,
    dataset/oasst/add_commitpackft.py).
    """
    if not isinstance(record, Mapping):
        return BadRow(source, f"found {kind_of(record)}, expected an object with named columns.")
    names = (ref.prompt_column, ref.completion_column)
    columns = names if all(name in record for name in names) else COMMIT_COLUMNS
    if missing := [name for name in columns if name not in record]:
        return BadRow(source, _explain_missing(record, names, missing))
    texts = [record[name] for name in columns]
    for name, text in zip(columns, texts, strict=True):
        if fault := _fault(text):
            return BadRow(source, f"{name}: {fault}")
    prompt, completion = texts if columns is names else (f"{texts[0]}\n{texts[1]}", texts[2])
    if not prompt.strip() or not completion.strip():
        name = columns[-1] if prompt.strip() else columns[0]
        return BadRow(source, f"{name}: is empty, expected some text.")
    return Row(prompt, completion, source, "+".join(columns))


def _explain_missing(record: Mapping[str, object], names: tuple[str, str], missing: list[str]) -> str:
    present = ", ".join(map(repr, list(record)[:8])) or "no column"
    absent = [name for name in names if name not in record]
    if len(absent) == 1:
        return f"{absent[0]}: is missing; found {present}."
    if len(missing) < len(COMMIT_COLUMNS):
        return f"{missing[0]}: is missing beside CommitPackFT's other columns; found {present}."
    return (
        f"found {present}; expected {names[0]!r} and {names[1]!r} (data.prompt_column, "
        f"data.completion_column) or {', '.join(map(repr, COMMIT_COLUMNS))}."
    )


def _fault(text: object) -> str:
    if not isinstance(text, str):
        return f"found {kind_of(text)}, expected text."
    if len(text) > LONGEST:
        return f"has {len(text):,} characters, expected at most {LONGEST:,}."
    if "\0" in text:
        return f"has a NUL character at place {text.index(chr(0))}, expected text without any."
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"has half a surrogate pair at place {error.start}, expected whole characters."
    return ""


def kind_of(value: object) -> str:
    """The kind of a value of a JSON or Parquet file, in words for a message."""
    return _KINDS.get(type(value), f"a {type(value).__name__}")


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}

"""A match of a regular expression, as its positions in the text: nothing is matched again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


class RegexMatch:
    """Stands for a ``re.Match`` of the other side of a wall, and answers from its text and spans."""

    def __init__(self, string: Any, spans: Sequence[tuple[int, int]], *more: Any) -> None:
        self.string = string
        self._spans = spans  # of the whole match, then of each group; (-1, -1) for a group without a match
        self.pos, self.endpos, self.lastindex, self.lastgroup, groups = more
        self._groups: Mapping[str, int] = dict(zip(groups[::2], groups[1::2], strict=True))
        if not isinstance(string, (str, bytes)) or not all(
            0 <= n < len(spans) for n in self._groups.values()
        ):
            raise ValueError("no text with its groups")
        if not all(-1 <= start <= end <= len(string) for start, end in spans):
            raise ValueError("spans outside of the text")

    @staticmethod
    def parts_of(match: Any) -> Iterator[Any]:
        """The arguments that make an equal match of ``match``."""
        names = match._groups if isinstance(match, RegexMatch) else match.re.groupindex
        count = len(match.groups())
        yield match.string
        yield tuple(match.span(number) for number in range(count + 1))
        yield from (match.pos, match.endpos, match.lastindex, match.lastgroup)
        yield tuple(part for pair in names.items() for part in pair)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # isinstance asks for it
        return re.Match

    def span(self, group: Any = 0, /) -> tuple[int, int]:
        """See re.Match."""
        number = self._groups.get(group, group) if isinstance(group, str) else group
        if not isinstance(number, int) or not 0 <= number < len(self._spans):
            raise IndexError("no such group")
        start, end = self._spans[number]
        return start, end

    def start(self, group: Any = 0, /) -> int:
        """See re.Match."""
        return self.span(group)[0]

    def end(self, group: Any = 0, /) -> int:
        """See re.Match."""
        return self.span(group)[1]

    def __getitem__(self, group: Any) -> Any:
        start, end = self.span(group)
        return None if start < 0 else self.string[start:end]

    def group(self, *groups: Any) -> Any:
        """See re.Match."""
        if len(groups) > 1:
            return tuple(self[group] for group in groups)
        return self[groups[0] if groups else 0]

    def groups(self, default: Any = None) -> tuple[Any, ...]:
        """See re.Match."""
        texts = (self[number] for number in range(1, len(self._spans)))
        return tuple(default if text is None else text for text in texts)

    def groupdict(self, default: Any = None) -> dict[str, Any]:
        """See re.Match."""
        return {name: default if self[name] is None else self[name] for name in self._groups}

    @property
    def regs(self) -> tuple[tuple[int, int], ...]:
        """See re.Match."""
        return tuple(self.span(number) for number in range(len(self._spans)))

    def __repr__(self) -> str:
        return f"<re.Match object; span={self.span()}, match={self[0]!r}>"

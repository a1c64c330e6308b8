"""One side of a wall: asks the other side to call a function or to continue an iterator, and answers it.

A question is ``("call", number, arguments, keywords)`` or ``("next", number, count)``. Its answer is
``("value" or "raised", value, changes)``, or ``("unsupported", reason, ())`` where the value cannot cross.
``changes`` are the new contents of those arguments that the call changed in place.

A function, an iterator and a value of any unknown type stay on their side: a number crosses. The other side
makes a stand-in for the number, and a stand-in that comes back is the value itself again.
"""

from _thread import RLock
from collections.abc import Callable, Iterator
from functools import partial
from operator import is_
from types import BuiltinFunctionType, CoroutineType, FunctionType, MethodType
from typing import Any, NoReturn

from astraios_ray.sandbox.jail import exceptions, library, values
from astraios_ray.sandbox.jail.frames import SocketLike, receive_frame, send_frame
from astraios_ray.sandbox.jail.wire import Parts, WireError, dumps, loads

_QUESTION, _ANSWER = b"Q", b"A"
_MOST_AHEAD = 1000  # items of an iterator in one answer
_SHORT = 1000  # letters


class Unsupported(Exception):
    """A value that cannot cross was needed."""


class Opaque:
    """Stands for a value of an unknown type: equal to nothing, not even itself, and without a truth value."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise Unsupported(f"a value of type {self.kind} does not cross")

    def __repr__(self) -> str:
        return f"<opaque {self.kind}>"


class Peer:
    """Asks and answers over ``wall``. ``unsupported`` says which value of either side last did not cross."""

    def __init__(self, wall: SocketLike, *, trusted: bool) -> None:
        self._wall = wall
        self._trusted = trusted  # whether the test runs here
        self._lock = RLock()  # a program can call from several threads
        self._numbers: dict[int, int] = {}  # by id, of the values that stay here
        self._values: list[Any] = []
        self._stand_ins: dict[int, tuple[Any, int]] = {}  # by id
        self.unsupported = ""

    def function(self, number: int, name: str = "function") -> Callable[..., Any]:
        """A function that stands for that of the other side with this number."""

        def stand_in(*arguments: Any, **keywords: Any) -> Any:
            return self.call(number, arguments, keywords)

        stand_in.__name__ = stand_in.__qualname__ = name
        return self._standing_for(stand_in, number)  # type: ignore[no-any-return]

    def export(self, value: object) -> int:
        """The number of a value that stays here."""
        number = self._numbers.setdefault(id(value), len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number

    def call(self, number: int, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call a function of the other side. Raises what it raises."""
        kind, value = self.ask("call", number, arguments, keywords)
        if kind == "value":
            return value
        if kind == "raised":
            raise exceptions.harmless(value) if self._trusted else value
        raise self._not_supported(str(value))

    def ask(self, *question: Any) -> tuple[str, Any]:
        """The kind and the value of the answer; the arguments are changed as the answer says."""
        with self._lock:
            numbered: list[Any] = []
            try:
                frame = dumps(question, self._take_apart, numbered)
            except (WireError, RecursionError, MemoryError) as error:
                raise self._not_supported(f"an argument: {error}") from error
            send_frame(self._wall, _QUESTION + frame)
            while (frame := receive_frame(self._wall))[:1] != _ANSWER:
                self.serve(frame)
            return self._answer(frame, numbered)

    def serve(self, frame: bytes) -> None:
        """Answer one question. Raises WireError for a frame that is none."""
        if frame[:1] != _QUESTION:
            raise WireError("neither a question nor an answer")
        numbered: list[Any] = []
        question = self._loads(frame, numbered)
        before = [values.content(value) for value in numbered]
        answer = self._work(*self._checked(question))
        try:
            changes = tuple(_changes(numbered, before))
            answered = dumps((*answer, changes), self._take_apart, numbered)
        except BaseException as error:  # of a hook of the program too
            answered = dumps(("unsupported", str(error)[:200], ()))
        send_frame(self._wall, _ANSWER + answered)

    def _checked(self, question: Any) -> tuple[str, Any, Any, Any]:
        if type(question) is not tuple or len(question) not in (3, 4) or question[0] not in ("call", "next"):
            raise WireError("a question that is none")
        if type(question[1]) is not int or not 0 <= question[1] < len(self._values):
            raise WireError("a question about nothing")
        return question[0], self._values[question[1]], question[2], question[-1]

    def _work(self, what: str, value: Any, arguments: Any, keywords: Any) -> tuple[str, Any]:
        try:
            if what == "next":
                return "value", _items(value, min(arguments, _MOST_AHEAD))
            return "value", value(*arguments, **keywords)
        except BaseException as error:  # of the function, SystemExit and KeyboardInterrupt included
            return "raised", error.with_traceback(None)

    def _answer(self, frame: bytes, numbered: list[Any]) -> tuple[str, Any]:
        answer = self._loads(frame, numbered)
        if type(answer) is not tuple or len(answer) != 3 or type(answer[2]) is not tuple:
            raise WireError("an answer that is no triple")
        kind, value, changes = answer
        if kind not in ("value", "raised", "unsupported"):
            raise WireError("an answer of no kind")
        if kind == "raised" and not isinstance(value, BaseException):
            raise WireError("raised what is no exception")
        try:
            for number, content in changes:
                values.set_content(numbered[number], content)
        except Exception as error:
            raise WireError(f"a change that does not fit: {type(error).__name__}") from error
        return kind, value

    def _loads(self, frame: bytes, numbered: list[Any]) -> Any:
        return loads(frame[1:], self._rebuild, numbered)

    def stands_in(self, value: object) -> bool:
        """Whether the value stands for one of the other side."""
        return id(value) in self._stand_ins

    def _not_supported(self, reason: str) -> Unsupported:
        self.unsupported = reason
        return Unsupported(reason)

    def _standing_for(self, value: Any, number: int) -> Any:
        self._stand_ins[id(value)] = value, number
        return value

    def _take_apart(self, value: Any) -> Parts | type:
        if id(value) in self._stand_ins:
            return "yours", (self._stand_ins[id(value)][1],), False
        if isinstance(value, BaseException):  # it crosses as a copy that stands for it
            return "exception", (self.export(value), *exceptions.parts(value)), False
        parts = values.take_apart(value) or (library.parts(value) if self._trusted else None)
        if parts is not None:
            return parts
        how, kind = _description(value)
        if how == "coroutine":
            value = partial(_run, value)
        if how in ("opaque", "callable"):
            self._not_supported(f"a value of type {kind} does not cross")
        return "mine", (how, kind, self.export(value)), False

    def _rebuild(self, name: str, parts: tuple[Any, ...]) -> Any:
        if name == "yours":
            return self._values[parts[0]]
        if name == "exception":
            return self._standing_for(exceptions.build(*parts[1:]), parts[0])
        if name == "library" and not self._trusted:
            return library.build(*parts)
        if name != "mine":
            return values.rebuild(name, parts)
        how, kind, number = parts
        if how == "callable":  # an object of which only the call crosses
            self._not_supported(f"a value of type {kind} does not cross")
        if how in ("function", "callable"):
            return self.function(number, kind)
        if how == "iterator":
            return self._standing_for(self._iterator(number), number)
        if how == "coroutine":
            return self._coroutine(number)
        self._not_supported(f"a value of type {kind} does not cross")
        return self._standing_for(Opaque(kind), number)

    async def _coroutine(self, number: int) -> Any:
        return self.call(number, (), {})

    def _iterator(self, number: int) -> Iterator[Any]:
        """The items of an iterator of the other side. The test asks for up to a quarter more than it uses."""
        used = 0
        while True:
            kind, value = self.ask("next", number, 1 + used // 4 if self._trusted else 1)
            if kind != "value":
                raise self._not_supported(str(value))
            items, end = value
            used += len(items)
            for item in items:
                if (yield item) is not None:
                    raise self._not_supported("a value that is sent to a generator does not cross")
            if isinstance(end, BaseException):
                raise exceptions.harmless(end) if self._trusted else end
            if end or not items:
                return


def _run(coroutine: Any) -> Any:
    import asyncio  # its memory would slow the fork of every process

    return asyncio.run(coroutine)


def _changes(numbered: list[Any], before: list[Any]) -> Iterator[tuple[int, Any]]:
    for number, old in enumerate(before):
        new = values.content(numbered[number])
        if old is None:  # a value that cannot change, as NaN
            continue
        same = new == old if isinstance(old, bytes) else len(new) == len(old) and all(map(is_, new, old))
        if not same:
            yield number, new


def _items(iterator: Iterator[Any], count: int) -> tuple[tuple[Any, ...], Any]:
    """Up to ``count`` items, and the end: True, or the exception that was raised instead of the next item."""
    items: list[Any] = []
    try:
        while len(items) < count:
            items.append(next(iterator))
            if not _is_small(items[-1]):  # the next one may be too large for the same answer
                break
    except StopIteration:
        return tuple(items), True
    except BaseException as error:
        return tuple(items), error.with_traceback(None)
    return tuple(items), None


def _is_small(value: object) -> bool:
    return type(value) in (int, float, bool) or (type(value) is str and len(value) < _SHORT)


def _description(value: Any) -> tuple[str, str]:
    """How a value that stays on its side is used, and the name of its type."""
    kind = type(value)
    if kind is CoroutineType:
        return "coroutine", "coroutine"
    if hasattr(kind, "__next__") and hasattr(kind, "__iter__"):
        return "iterator", str(kind.__name__)[:64]
    if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType, type)):
        return "function", str(value.__name__)[:64]
    return "callable" if callable(value) else "opaque", str(kind.__name__)[:64]

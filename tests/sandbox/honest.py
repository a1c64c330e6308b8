"""Honest programs with their tests: each passes, or fails, in one process, and so it does between two.

A program follows its name in a comment; the test follows the program behind a line ``# test``.
"""

import re
from dataclasses import dataclass

RIGHT = """
# --- Counter
from collections import Counter
def f(xs): return Counter(xs)
# test
assert f("aab") == {"a": 2, "b": 1}
assert f("aab").most_common(1) == [("a", 2)] and f("a")["z"] == 0 and f("a") + f("a") == f("aa")
# --- child of Counter
from collections import Counter
class Count(Counter): pass
def f(xs): return Count(xs)
# test
assert f("aab") == {"a": 2, "b": 1} and isinstance(f(""), Counter)
# --- defaultdict
from collections import defaultdict
def f(pairs):
    groups = defaultdict(list)
    for key, value in pairs: groups[key].append(value)
    return groups
# test
assert f([("a", 1), ("a", 2)]) == {"a": [1, 2]}
assert f([])["missing"] == [] and type(f([])).__name__ == "defaultdict"
# --- defaultdict with a function
from collections import defaultdict
def f(): return defaultdict(lambda: 7)
# test
assert f()["missing"] == 7
# --- OrderedDict
from collections import OrderedDict
def f(xs): return OrderedDict((x, 1) for x in xs)
# test
from collections import OrderedDict
assert f("ab") == {"b": 1, "a": 1} and f("ab") == OrderedDict(a=1, b=1) and f("ab") != OrderedDict(b=1, a=1)
# --- namedtuple
from collections import namedtuple
Point = namedtuple("Point", "x y")
def f(x, y): return Point(x, y)
# test
p = f(1, 2)
assert p == (1, 2) and p.x == 1 and p._asdict() == {"x": 1, "y": 2} and type(p).__name__ == "Point"
assert isinstance(p, tuple) and p._replace(x=5) == (5, 2) and type(f(1, 2)) == type(p)
# --- typing.NamedTuple
from typing import NamedTuple
class Point(NamedTuple):
    x: int
    y: int = 2
    def total(self): return self.x + self.y
def f(x): return [Point(x)]
# test
assert f(1) == [(1, 2)] and f(1)[0].y == 2
# --- child of tuple
class Pair(tuple): pass
def f(x): return Pair([x, x])
# test
assert f(1) == (1, 1) and hash(f(1)) == hash((1, 1))
# --- child of list
class Stack(list):
    def push(self, x): self.append(x)
def f(xs):
    stack = Stack()
    for x in xs: stack.push(x)
    return stack
# test
assert f([1, 2]) == [1, 2] and isinstance(f([]), list)
# --- child of dict with a missing key
class Zero(dict):
    def __missing__(self, key): return 0
def f(): return Zero(a=1)
# test
assert f() == {"a": 1}
# --- children of str, int, float and bytes
class S(str): pass
class I(int): pass
class F(float): pass
class B(bytes): pass
def f(): return S("a"), I(3), F(-0.0), B(b"x"), {S("k"): I(1)}
# test
assert f() == ("a", 3, 0.0, b"x", {"k": 1}) and str(f()[2]) == "-0.0" and type(f()[1]) in (int, type(f()[1]))
# --- IntEnum
from enum import IntEnum
class Color(IntEnum):
    RED = 1
    BLUE = 2
def f(): return [Color.RED, Color.BLUE]
# test
assert f() == [1, 2] and isinstance(f()[0], int) and sum(f()) == 3
# --- IntFlag
from enum import IntFlag
class Mode(IntFlag):
    READ = 4
    WRITE = 2
def f(): return Mode.READ | Mode.WRITE
# test
assert f() == 6 and f() & 4
# --- text enum
from enum import Enum
class Suit(str, Enum):
    HEARTS = "hearts"
def f(): return Suit.HEARTS
# test
assert f() == "hearts" and f().upper() == "HEARTS" and {f(): 1} == {"hearts": 1}
# --- bytearray
def f(s): return bytearray(s, "utf-8")
# test
assert f("a") == b"a" and isinstance(f("a"), bytearray)
# --- memoryview
def f(): return memoryview(b"abc")
# test
assert f() == b"abc" and bytes(f()) == b"abc"
# --- deque
from collections import deque
def f(xs): return deque(xs, maxlen=2)
# test
from collections import deque
assert list(f([1, 2, 3])) == [2, 3] and f([1]) == deque([1]) and f([]).maxlen == 2 and f([1]).popleft() == 1
# --- range
def f(n): return range(n)
# test
assert f(3) == range(3) and list(f(2)) == [0, 1] and 10**9 in f(10**10)
# --- slice
def f(): return slice(1, 3)
# test
assert "abcd"[f()] == "bc" and f() == slice(1, 3)
# --- dict views
def f(): return {"a": 1, "b": 2}.keys(), {"a": 1}.values(), {"a": 1}.items()
# test
keys, values, items = f()
assert keys == {"a", "b"} and list(keys) == ["a", "b"] and list(values) == [1] and dict(items) == {"a": 1}
assert sorted(keys) == ["a", "b"] and len(values) == 1 and keys & {"a"} == {"a"} and ("a", 1) in items
# --- views of an ordered dictionary
from collections import OrderedDict
def f(): return OrderedDict(b=1, a=2).keys()
# test
assert list(f()) == ["b", "a"]
# --- generator
def f(n):
    for k in range(n): yield k
# test
assert list(f(3)) == [0, 1, 2] and sum(f(4)) == 6 and next(f(1)) == 0
assert not isinstance(f(3), list) and f(3) != [0, 1, 2]
# --- generator function by name
import types
def f(n): return (k * k for k in range(n))
# test
import types
assert isinstance(f(2), types.GeneratorType) and tuple(f(3)) == (0, 1, 4)
# --- endless generator
def f():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
# test
from itertools import islice
assert list(islice(f(), 8)) == [0, 1, 1, 2, 3, 5, 8, 13]
# --- generator that must not be asked for more than is used
def f():
    yield 1
    yield 2
    while True: pass
# test
g = f()
assert next(g) == 1 and next(g) == 2
# --- generator that raises
def f():
    yield 1
    raise KeyError("end")
# test
g = f()
assert next(g) == 1
try: next(g)
except KeyError as error: assert error.args == ("end",)
else: assert False
# --- generator of lists
def f(n): return ([k] * k for k in range(n))
# test
assert list(f(3)) == [[], [1], [2, 2]]
# --- map, filter, zip, enumerate, reversed
def f(xs): return map(str, xs), filter(None, xs), zip(xs, xs), enumerate(xs), reversed(xs), iter(xs)
# test
a, b, c, d, e, g = f([0, 1])
assert list(a) == ["0", "1"] and list(b) == [1] and list(c) == [(0, 0), (1, 1)] and dict(d) == {0: 0, 1: 1}
assert list(e) == [1, 0] and "".join(map(str, g)) == "01"
# --- iterator class
class Count:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if not self.n: raise StopIteration
        self.n -= 1
        return self.n
def f(n): return Count(n)
# test
assert list(f(3)) == [2, 1, 0]
# --- many items
def f(n): return (k for k in range(n))
# test
assert sum(f(20000)) == 199990000
# --- Decimal
from decimal import Decimal
def f(): return Decimal("1.10"), Decimal("NaN"), Decimal("-0")
# test
from decimal import Decimal
assert f()[0] == Decimal("1.1") and str(f()[0]) == "1.10" and f()[1].is_nan() and f()[2].is_signed()
# --- Fraction
from fractions import Fraction
def f(): return Fraction(1, 2)
# test
assert f() == 0.5 and f().numerator == 1 and f() + 1 == 1.5
# --- dates and times
import datetime as d
def f():
    zone = d.timezone(d.timedelta(hours=2), "X")
    aware = d.datetime(2020, 1, 1, 5, tzinfo=zone)
    return d.date(2020, 2, 29), d.time(1, 2, 3, 4), aware, d.timedelta(days=-1, seconds=3)
# test
import datetime
day, moment, aware, span = f()
assert day == datetime.date(2020, 2, 29) and day.weekday() == 5 and moment == datetime.time(1, 2, 3, 4)
assert aware.utcoffset() == datetime.timedelta(hours=2) and aware.tzname() == "X"
assert span.total_seconds() == -86397
assert aware == datetime.datetime(2020, 1, 1, 3, tzinfo=datetime.timezone.utc)
# --- complex
def f(): return complex(1, -2)
# test
assert f() == 1 - 2j and f().imag == -2
# --- NaN of its own and of the test
import math
def f(x): return [x, math.nan]
# test
import math
x = float("nan")
assert f(x) == [x, math.nan] and f(x)[0] is x and [float("nan")] != f(x)[:1]
# --- match
import re
def f(s): return re.search(r"(?P<first>\\w)(\\d)?", s)
# test
import re
assert f("a1") and not f("")
m = f("-a1")
assert m.group() == "a1" and m.groups() == ("a", "1") and m.group("first", 2) == ("a", "1") and m[1] == "a"
assert m.span() == (1, 3) and m.start("first") == 1 and m.groupdict() == {"first": "a"} and m.end() == 3
assert f("b").groups() == ("b", None) and isinstance(m, re.Match) and m.string == "-a1"
# --- exception of a module
import json
def f(s): return json.loads(s)
# test
try: f("{")
except ValueError as error: assert "Expecting property name" in str(error)
else: assert False
# --- exception that the test names
import json
def f(s): return json.loads(s)
# test
import json
try: f("{")
except json.JSONDecodeError as error: assert error.pos == 1 and error.msg.startswith("Expecting")
else: assert False
# --- exception of its own
class NegativeError(ValueError):
    def __init__(self, value, code):
        super().__init__(value)
        self.code = code
    def __str__(self): return f"negative: {self.args[0]}"
def f(x): raise NegativeError(x, 3)
# test
try: f(-1)
except ValueError as error:
    assert (str(error), error.code, type(error).__name__) == ("negative: -1", 3, "NegativeError")
else: assert False
# --- exception with two parents
class Missing(KeyError, AttributeError): pass
def f(x): raise Missing(x)
# test
for kind in (KeyError, AttributeError, LookupError):
    try: f("a")
    except kind as error: assert error.args == ("a",)
    else: assert False
# --- exceptions of the system
def f(name): return open(name)
# test
import errno
try: f("/missing")
except FileNotFoundError as error: assert error.errno == errno.ENOENT and error.filename == "/missing"
else: assert False
# --- errors of texts
def f(b): return b.decode("utf-8")
# test
try: f(b"\\xff")
except UnicodeDecodeError as error: assert error.start == 0 and error.reason
else: assert False
# --- exit that the test expects
import sys
def f(code): sys.exit(code)
# test
try: f(3)
except SystemExit as error: assert error.code == 3
else: assert False
# --- exception as a value
def f(): return ValueError("no")
# test
assert isinstance(f(), ValueError) and f().args == ("no",)
# --- classes and constants
def f(x): return type(x), ..., KeyError
# test
assert f(3)[0] is int and f("")[0]("x") == "x" and f([])[1] is ... and f(0)[2] is KeyError
# --- function
def f(n):
    def add(x, *, by=1): return x + n * by
    return add
# test
assert f(3)(4) == 7 and f(3)(4, by=2) == 10 and callable(f(1)) and f(3).__name__ == "add"
# --- decorator
def f(function):
    def twice(*args): return function(*args) * 2
    return twice
# test
@f
def g(x): return x + 1
assert g(3) == 8
# --- callback
def f(xs, key): return sorted(xs, key=key)
# test
assert f(["aa", "b"], len) == ["b", "aa"] and f([1, -2], lambda x: x) == [-2, 1]
assert f([[3, 1], [2]], key=lambda row: row[0]) == [[2], [3, 1]]
# --- functions of the library
def f(xs, key, combine): return combine(map(key, xs)), key is len
# test
import functools, operator
assert f(["aa", "b"], len, sum) == (3, True)
assert f(["aa", "b"], str.upper, "".join) == ("AAB", False)
assert f([1, 2], operator.neg, functools.partial(functools.reduce, operator.add)) == (-3, False)
# --- callback that remembers
def f(xs, emit):
    for x in xs: emit(x)
# test
seen = []
f([1, 2], seen.append)
assert seen == [1, 2]
# --- callback that raises
def f(callback):
    try: callback()
    except ValueError as error: return str(error)
# test
def fail(): raise ValueError("mine")
assert f(fail) == "mine"
# --- callback whose exception passes through
def f(callback): return callback()
# test
class Mine(Exception): pass
def fail(): raise Mine
try: f(fail)
except Mine: pass
else: assert False
# --- callback that calls back
def f(n, again): return 1 if n < 2 else n * again(n - 1)
# test
assert f(5, lambda n: f(n, lambda m: f(m, lambda k: f(k, lambda one: 1)))) == 120
# --- callback in threads
from concurrent.futures import ThreadPoolExecutor
def f(work, xs):
    with ThreadPoolExecutor(4) as pool: return list(pool.map(work, xs))
# test
assert f(lambda x: x * x, list(range(20))) == [x * x for x in range(20)]
# --- sorted in place
def f(xs): xs.sort()
# test
a = [2, 1]
assert f(a) is None and a == [1, 2]
# --- the very argument
def f(xs):
    xs.append(3)
    return xs
# test
a = []
assert f(a) is a and a == [3]
# --- copy
def f(xs): return xs[:]
# test
a = [[1]]
assert f(a) == a and f(a) is not a and f(a)[0] is a[0]
# --- changed deep inside
def f(grid):
    grid[0][1] = 5
    grid[1], grid[0] = grid[0], grid[1]
# test
first, second = [1, 2], [3, 4]
grid = [first, second]
f(grid)
assert grid == [[3, 4], [1, 5]] and grid[1] is first and first == [1, 5]
# --- all kinds changed in place
def f(d, s, q, b, c):
    d["new"] = d.pop("old"); s.add(9); q.rotate(1); b.extend(b"!"); c.update("aa")
# test
from collections import Counter, deque
d, s, q, b, c = {"old": 1}, {1}, deque([1, 2]), bytearray(b"x"), Counter("a")
f(d, s, q, b, c)
assert (d, s, list(q), b, c) == ({"new": 1}, {1, 9}, [2, 1], b"x!", {"a": 3})
# --- changed before it raises
def f(xs):
    xs.clear()
    raise ValueError
# test
a = [1]
try: f(a)
except ValueError: assert a == []
# --- one list twice
def f(a, b):
    a.append(1)
    return a is b, b
# test
a = []
assert f(a, a) == (True, [1])
# --- list in itself
def f(xs):
    xs.append(xs)
    return xs
# test
a = [1]
assert f(a)[1] is a
# --- arguments that only the test knows
def f(xs): return xs[::-1]
# test
class Thing: pass
a, b = Thing(), Thing()
assert f([a, b])[0] is b
# --- iterator of the test
def f(xs): return next(xs) + next(xs)
# test
xs = iter([1, 2, 3])
assert f(xs) == 3 and next(xs) == 3
# --- named tuple of the test
def f(p): return p.x + p.y
# test
from collections import namedtuple
assert f(namedtuple("P", "x y")(1, 2)) == 3
# --- generator of the test
def f(xs): return sum(xs)
# test
assert f(x * x for x in range(4)) == 14
# --- keywords, defaults, and any number of arguments
def f(a, *rest, b=2, **more): return [a, rest, b, more]
# test
assert f(1, 2, 3, b=4, c=5) == [1, (2, 3), 4, {"c": 5}] and f(*[1], **{"b": 0}) == [1, (), 0, {}]
# --- imports of the program
import math
from collections import Counter, OrderedDict as Ordered
import datetime as dt
def f(x): return math.sqrt(x)
# test
assert math.isclose(f(2) ** 2, 2) and Counter("a") == {"a": 1} and dt.date(2020, 1, 1).year == 2020
# --- names that the program imports over lines
from collections import (
    deque,
    Counter,  # counts
)
from math import *
def f(xs): return deque(xs)
# test
assert f([1]) == deque([1]) and Counter() == {} and floor(pi) == 3
# --- number with many digits
def f(n): return 10 ** n
# test
assert f(6000) == 10 ** 6000 and len(str(f(5000))) == 5001 and f(4400) == int("1" + "0" * 4400)
# --- number with many digits as text
def f(n): return str(2 ** n)
# test
assert len(f(20000)) == 6021
# --- long list
def f(n): return list(range(n)), ["a"] * n, [0.5] * n
# test
assert f(100000) == (list(range(100000)), ["a"] * 100000, [0.5] * 100000)
# --- long text
def f(n): return "ab" * n
# test
assert f(3000000) == "ab" * 3000000
# --- nested
def f(n):
    value = []
    for _ in range(n): value = [value]
    return value
# test
value, depth = f(60), 0
while value: value, depth = value[0], depth + 1
assert depth == 60
# --- class as entry point of plain values
class f(int):
    def __new__(cls, x): return super().__new__(cls, x * x)
# test
assert f(3) == 9
# --- coroutine
import asyncio
async def f(x):
    await asyncio.sleep(0)
    return x * x
# test
import asyncio
assert asyncio.run(f(3)) == 9
# --- pattern
import re
def f(p): return re.compile(p, re.I)
# test
assert f("a").match("A") and f("a").pattern == "a"
# --- group of exceptions
def f(): raise ExceptionGroup("many", [ValueError(1)])
# test
try: f()
except Exception as error: assert "many" in str(error.args)
else: assert False
# --- callable object
class Square:
    def __call__(self, x): return x * x
f = Square()
# test
assert f(3) == 9
# --- mapping of its own
from collections.abc import Mapping
class Squares(Mapping):
    def __getitem__(self, key):
        if key not in range(3): raise KeyError(key)
        return key * key
    def __iter__(self): return iter(range(3))
    def __len__(self): return 3
def f(): return Squares()
# test
assert f() == {0: 0, 1: 1, 2: 4} and f()[2] == 4
# --- UserDict, UserList, UserString, ChainMap, mappingproxy
from collections import ChainMap, UserDict, UserList, UserString
from types import MappingProxyType
def f():
    chained = ChainMap({"a": 1}, {"b": 2})
    return UserDict(a=1), UserList([1]), UserString("s"), chained, MappingProxyType({"a": 1})
# test
assert f() == ({"a": 1}, [1], "s", {"a": 1, "b": 2}, {"a": 1})
# --- set of its own
def f(): return {frozenset({1}), frozenset({2, 3})}
# test
assert f() == {frozenset({3, 2}), frozenset({1})}
"""

WRONG = """
# --- Counter with another count
from collections import Counter
def f(xs): return Counter(xs + "a")
# test
assert f("ab") == {"a": 1, "b": 1}
# --- generator instead of a list
def f(n): return (k for k in range(n))
# test
assert f(2) == [0, 1]
# --- map is not a list
def f(xs): return map(str, xs)
# test
assert f([1]) == ["1"]
# --- range is not a list
def f(n): return range(n)
# test
assert f(2) == [0, 1]
# --- deque is not a list
from collections import deque
def f(xs): return deque(xs)
# test
assert f([1]) == [1]
# --- keys are not a list
def f(): return {"a": 1}.keys()
# test
assert f() == ["a"]
# --- ordered otherwise
from collections import OrderedDict
def f(): return OrderedDict(b=1, a=1)
# test
from collections import OrderedDict
assert f() == OrderedDict(a=1, b=1)
# --- named tuple with another value
from collections import namedtuple
P = namedtuple("P", "x")
def f(): return P(2)
# test
assert f().x == 1
# --- tuple is not a list
from collections import namedtuple
P = namedtuple("P", "x")
def f(): return P(1)
# test
assert f() == [1]
# --- no match
import re
def f(s): return re.match("b", s)
# test
assert f("abc")
# --- copy instead of a change
def f(xs): return sorted(xs)
# test
a = [2, 1]
f(a)
assert a == [1, 2]
# --- change instead of a copy
def f(xs):
    xs.sort()
    return xs
# test
a = [2, 1]
assert f(a) == [1, 2] and a == [2, 1]
# --- one row many times
def f(n): return [[0] * n] * n
# test
grid = f(2)
grid[0][0] = 1
assert grid == [[1, 0], [0, 0]]
# --- another exception
def f(x): return {}[x]
# test
try: f(1)
except ValueError: pass
except LookupError: assert False
# --- Decimal with other digits
from decimal import Decimal
def f(): return Decimal("1.1")
# test
assert str(f()) == "1.10"
# --- callback never called
def f(xs, emit): return None
# test
seen = []
f([1], seen.append)
assert seen == [1]
# --- generator with an end too early
def f(n): return iter(range(n - 1))
# test
assert list(f(3)) == [0, 1, 2]
# --- date of another day
import datetime
def f(): return datetime.datetime(2020, 1, 1)
# test
import datetime
assert f() == datetime.date(2020, 1, 1)
# --- function that answers otherwise
def f(n): return lambda x: x
# test
assert f(3)(4) == 7
# --- NaN that is not the test's
def f(x): return [float("nan")]
# test
x = float("nan")
assert f(x) == [x]
"""


UNSUPPORTED = """
# --- object of its own
class A:
    x = 9
def f(): return A()
# test
assert f().x == 9
# --- member of an enumeration
from enum import Enum
class Color(Enum):
    RED = 1
def f(): return Color.RED
# test
assert f().value == 1
# --- class that the test names
class Point:
    def __init__(self, x): self.x = x
def f(p): return p.x
# test
assert f(Point(3)) == 3
# --- constant that the test names
LIMIT = 3
def f(): return LIMIT
# test
assert f() == LIMIT
# --- attribute of a function
import functools
@functools.lru_cache
def f(x): return x
# test
assert f(3) == 3 and f.cache_info().misses == 1
# --- value sent to a generator
def f():
    got = yield 1
    yield got
# test
g = f()
assert next(g) == 1 and g.send(5) == 5
# --- object of the test that the program looks into
def f(thing): return thing.x
# test
class Thing: x = 9
assert f(Thing()) == 9
# --- too long
def f(n): return [None] * n
# test
assert len(f(3000000)) == 3000000
# --- too deep
def f(n):
    value = []
    for _ in range(n): value = [value]
    return value
# test
assert f(300)
# --- text in memory
import io
def f(): return io.StringIO("a")
# test
assert f().read() == "a"
# --- context
from contextlib import contextmanager
@contextmanager
def f(): yield 3
# test
with f() as x: assert x == 3
"""


@dataclass(frozen=True)
class Honest:
    """A program and its test."""

    name: str
    program: str
    test: str

    def __str__(self) -> str:
        return self.name


def read(text: str) -> list[Honest]:
    """The programs of one of the texts above."""
    parts = re.split(r"^# --- (.*)\n", text, flags=re.MULTILINE)[1:]
    return [Honest(name, *body.split("# test\n")) for name, body in zip(parts[::2], parts[1::2], strict=True)]

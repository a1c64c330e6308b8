"""Small Java methods on one line, as CodeXGLUE writes them, with what they do in words and a bug in each."""

import random
from dataclasses import dataclass

from astraios_ray.embedded.vocabulary import CONSTANTS, WORDS

RESERVED_SHARE = 6  # one constant in six belongs to the problems
LOOP = "int sum = 0 ; for ( int item : {x} ) {{ {step} }} return sum ;"


@dataclass(frozen=True)
class JavaFamily:
    """Methods that do one thing. ``{x}`` is the parameter, ``{a}`` a constant, ``{w}`` a word."""

    name: str
    returns: str
    takes: str
    body: str
    bug: str  # a wrong body
    words: str  # what the method does


def _loop(name: str, step: str, bug: str, words: str) -> JavaFamily:
    body, wrong = (LOOP.replace("{step}", text) for text in (step, bug))
    return JavaFamily(name, "int", "List < Integer >", body, wrong, words)


FAMILIES = (
    JavaFamily("add", "int", "int", "return {x} + {a} ;", "return {x} - {a} ;", "{x} with {a} more"),
    JavaFamily("take", "int", "int", "return {x} - {a} ;", "return {x} + {a} ;", "{x} with {a} less"),
    JavaFamily("times", "int", "int", "return {x} * {a} ;", "return {x} / {a} ;", "{x} times {a}"),
    JavaFamily("rest", "int", "int", "return {x} % {a} ;", "return {a} % {x} ;", "the rest of {x} by {a}"),
    JavaFamily("above", "boolean", "int", "return {x} > {a} ;", "return {x} < {a} ;", "is {x} above {a}"),
    JavaFamily("equal", "boolean", "int", "return {x} == {a} ;", "return {x} != {a} ;", "is {x} also {a}"),
    JavaFamily(
        "at_most",
        "int",
        "int",
        "if ( {x} > {a} ) {{ return {a} ; }} return {x} ;",
        "if ( {x} < {a} ) {{ return {a} ; }} return {x} ;",
        "{x} , and at most {a}",
    ),
    JavaFamily(
        "at_least",
        "int",
        "int",
        "if ( {x} < {a} ) {{ return {a} ; }} return {x} ;",
        "if ( {x} > {a} ) {{ return {a} ; }} return {x} ;",
        "{x} , and at least {a}",
    ),
    JavaFamily(
        "front",
        "String",
        "String",
        'return " {w} " + {x} ;',
        'return {x} + " {w} " ;',
        "{w} in front of {x}",
    ),
    JavaFamily(
        "end",
        "String",
        "String",
        'return {x} + " {w} " ;',
        'return " {w} " + {x} ;',
        "{w} behind {x}",
    ),
    JavaFamily(
        "or_else",
        "String",
        "String",
        'if ( {x} == null ) {{ return " {w} " ; }} return {x} ;',
        'if ( {x} != null ) {{ return " {w} " ; }} return {x} ;',
        "{x} , or {w} where it is null",
    ),
    _loop(
        "sum_above",
        "if ( item > {a} ) {{ sum = sum + item ; }}",
        "if ( item < {a} ) {{ sum = sum + item ; }}",
        "the sum of {x} above {a}",
    ),
    _loop(
        "sum_of_rests",
        "sum = sum + item % {a} ;",
        "sum = sum + {a} % item ;",
        "the sum of the rests of {x} by {a}",
    ),
    JavaFamily(
        "halve",
        "int",
        "int",
        "while ( {x} > {a} ) {{ {x} = {x} / 2 ; }} return {x} ;",
        "while ( {x} < {a} ) {{ {x} = {x} / 2 ; }} return {x} ;",
        "halve {x} while it is above {a}",
    ),
)


@dataclass(frozen=True)
class JavaMethod:
    """A member of a family, with its constant and its word."""

    family: JavaFamily
    constant: int
    word: str

    def source(self, modifier: str, name: str, parameter: str, *, wrong: bool = False) -> str:
        """The method on one line, a space between any two tokens; ``wrong`` with its bug."""
        family = self.family
        body = self._fill(family.bug if wrong else family.body, parameter)
        words = [modifier, family.returns, name, "(", family.takes, parameter, ")", "{", body, "}"]
        return " ".join(filter(None, words))

    def words(self, parameter: str) -> str:
        """What it does."""
        return self._fill(self.family.words, parameter)

    def _fill(self, template: str, parameter: str) -> str:
        return template.format(x=parameter, a=self.constant, w=self.word)


def draw_method(family: JavaFamily, rng: random.Random, *, reserved: bool) -> JavaMethod:
    """A method of ``family`` whose constant and word are the problems' (``reserved``) or everyone else's."""
    constants = [number for number in CONSTANTS if (number % RESERVED_SHARE == 0) == reserved]
    words = [word for place, word in enumerate(WORDS) if (place % RESERVED_SHARE == 0) == reserved]
    return JavaMethod(family, rng.choice(constants), rng.choice(words))

"""Typing errors in a text, with ReCode's probabilities."""

import re
from collections.abc import Callable
from random import Random

BUTTER_FINGERS = 0.11  # per letter: nlaugmenter draws one of 100 numbers and takes eleven, with prob=0.1
CHANGE_CASE = 0.35  # per letter: nlaugmenter, change_char_case
SWAP = 0.05  # per letter: nlaugmenter, swap_characters
REMOVE_BLANK, ADD_BLANK = 0.1, 0.05  # per character: nlaugmenter, whitespace_perturbation

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")  # each row half a key to the right of the one above

Slip = Callable[[str, Random], str]


def _neighbours() -> dict[str, str]:
    """The keys that touch each key, in the order of the rows."""
    places = {letter: (x + y / 2, y) for y, row in enumerate(_ROWS) for x, letter in enumerate(row)}
    return {
        key: "".join(
            neighbour
            for neighbour, (x, y) in places.items()
            if neighbour != key and abs(x - places[key][0]) <= 1 and abs(y - places[key][1]) <= 1
        )
        for key in places
    }


NEIGHBOURS = _neighbours()


def butter_fingers(text: str, random: Random) -> str:
    """Replace some letters by the letter of a neighbouring key."""
    return "".join(
        _like(letter, random.choice(NEIGHBOURS[letter.lower()]))
        if letter.lower() in NEIGHBOURS and random.random() < BUTTER_FINGERS
        else letter
        for letter in text
    )


def _like(letter: str, replacement: str) -> str:
    return replacement.upper() if letter.isupper() else replacement


def change_case(text: str, random: Random) -> str:
    """Swap the case of some letters."""
    return "".join(
        letter.swapcase() if letter.isalpha() and random.random() < CHANGE_CASE else letter for letter in text
    )


def swap_characters(text: str, random: Random) -> str:
    """Exchange some letters with the letter behind them."""
    letters, place = list(text), 0
    while place < len(letters) - 1:
        if letters[place].isalpha() and letters[place + 1].isalpha() and random.random() < SWAP:
            letters[place : place + 2] = letters[place + 1], letters[place]
            place += 1  # a letter moves only once
        place += 1
    return "".join(letters)


def change_blanks(text: str, random: Random) -> str:
    """Drop some blanks, and add a blank behind some letters."""
    return "".join(
        ("" if random.random() < REMOVE_BLANK else letter)
        if letter == " "
        else letter + " " * (letter.isalpha() and random.random() < ADD_BLANK)
        for letter in text
    )


def in_words(text: str, slip: Slip, random: Random, protected: frozenset[str]) -> str:
    """Apply ``slip`` to every word that is not protected."""
    return re.sub(r"\w+", lambda match: match[0] if match[0] in protected else slip(match[0], random), text)

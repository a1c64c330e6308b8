"""The ways in which the primer's problems ask for a function: two of four are in no instruction row."""

from astraios_ray.embedded.families import FunctionFamily

UNSEEN = {  # for the families that pre-training does not show either
    "negate": ("What is {a} with {x} less?", "How much is {x} below {a}?"),
    "distance": ("How far is {x} from {a}?", "What is the distance of {a} and {x}?"),
    "divisible": ("Check that {x} is a multiple of {a}.", "Whether {x} is a multiple of {a}."),
    "clamp": (
        "Force {x} to be no less than {a} and no more than {b}.",
        "Return {x} from {a} to {b}, but never less nor more.",
    ),
    "sum_scaled": ("Return the total of {x} taken {a} times.", "Sum up {x}, and return it taken {a} times."),
    "repeat": (
        "Return {x} {a} times, each one closed by '{w}'.",
        "Repeat {x} with '{w}' behind each, {a} times.",
    ),
}


def wordings(family: FunctionFamily) -> tuple[str, ...]:
    """The requests of the rows, then the docstrings of pre-training or, without these, ``UNSEEN``."""
    return tuple(dict.fromkeys((*family.requests, *(family.docs or UNSEEN[family.name]))))

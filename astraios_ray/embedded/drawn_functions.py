"""One function drawn from a family: its text, its name and its constants."""

import random
from dataclasses import dataclass

from astraios_ray.embedded.families import FunctionFamily
from astraios_ray.embedded.vocabulary import CONSTANTS, PARAMETERS, WORDS

RESERVED_SHARE = 6  # one combination of constants in six belongs to the problems


@dataclass(frozen=True)
class Function:
    """A member of a family. Two functions of one family with equal ``values`` do the same."""

    family: FunctionFamily
    name: str
    parameter: str
    values: tuple[tuple[str, str], ...]  # slot -> constant or word

    @property
    def declaration(self) -> str:
        """The first line, without its line end."""
        return f"def {self.name}({self.parameter}):"

    @property
    def body(self) -> str:
        """The indented body, without a line end after it."""
        return self.indented(self.family.body)

    @property
    def source(self) -> str:
        """Declaration and body."""
        return f"{self.declaration}\n{self.body}"

    def fill(self, template: str) -> str:
        """``template`` with this function's parameter, constants and word."""
        return template.format(x=self.parameter, **dict(self.values))

    def indented(self, template: str) -> str:
        """``template`` filled, as a body of this function."""
        return f"    {self.fill(template)}"


def draw(family: FunctionFamily, rng: random.Random, *, reserved: bool) -> Function:
    """One function of ``family``; its constants are the problems' (``reserved``) or everyone else's."""
    while True:
        numbers = rng.sample(CONSTANTS, 3)
        values = dict(zip("abc", sorted(numbers[:2]) + numbers[2:], strict=True))
        word = rng.randrange(len(WORDS))
        used = [values[slot] if slot != "w" else word for slot in family.slots]
        if (
            sum(number * weight for number, weight in zip(used, (1, 5, 7), strict=False)) % RESERVED_SHARE
            == 0
        ) == reserved:
            break
    texts = {slot: str(values[slot]) if slot != "w" else WORDS[word] for slot in family.slots}
    name = rng.choice(family.verbs)
    return Function(family, name, rng.choice(PARAMETERS[family.kind]), tuple(texts.items()))

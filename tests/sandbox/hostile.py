"""All programs that mean harm."""

from tests.sandbox.forging import FORGING
from tests.sandbox.reaching import REACHING
from tests.sandbox.using_up import USING_UP

HOSTILE = (*REACHING, *USING_UP, *FORGING)

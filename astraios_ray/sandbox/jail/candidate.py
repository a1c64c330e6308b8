"""The untrusted process: runs the program once, then calls its function with whatever values arrive."""

import os
import sys
import types
from collections.abc import Callable
from socket import socket
from typing import Any, NoReturn

from astraios_ray.sandbox.jail.wire import WireError, receive, send


def serve_candidate(wall: socket) -> NoReturn:
    """Load the program that arrives, say how that went, and answer calls until the checker is gone.

    All that happens here is under the control of the untrusted program. It knows neither the test nor
    what decides, so the worst it can do is to answer wrongly.
    """
    source, entry_point = receive(wall)
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    try:
        exec(compile(source, "<solution>", "exec"), module.__dict__)
    except BaseException as error:  # the program's own: also SystemExit and KeyboardInterrupt
        _answer(wall, ["load_error", *_told(error)])
        os._exit(0)
    function = module.__dict__.get(entry_point)
    if not callable(function):
        _answer(wall, ["no_entry", "", ""])
        os._exit(0)
    _answer(wall, ["ready", "", ""])
    while True:
        _answer(wall, _call(wall, function))


def _call(wall: socket, function: Callable[..., Any]) -> list[Any]:
    try:
        arguments, keywords = receive(wall)
    except EOFError:
        os._exit(0)
    try:
        return ["value", function(*arguments, **keywords), ""]
    except BaseException as error:  # as above
        return ["raised", *_told(error)]


def _answer(wall: socket, answer: list[Any]) -> None:
    try:
        send(wall, answer)
    except (WireError, RecursionError, MemoryError, ValueError) as error:
        send(wall, ["raised", *_told(error)])


def _told(error: BaseException) -> list[str]:
    try:
        text = str(error)[:200]
    except BaseException:  # an exception class of the program may raise in __str__
        text = ""
    return [str(type(error).__name__)[:64], text]

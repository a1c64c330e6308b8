"""The untrusted process: runs the program once, then calls its function with the values that arrive."""

import os
import sys
import types
from collections.abc import Callable
from socket import socket
from typing import Any, NoReturn

from astraios_ray.sandbox.jail.wire import WireError, receive, send


def serve_candidate(wall: socket) -> NoReturn:
    """Load the program that arrives, report the result, and answer calls until the checker is gone.

    The untrusted program controls everything that happens here. It knows neither the test nor the judgement,
    so the worst that it can do is to answer wrongly.
    """
    source, entry_point = receive(wall)
    module = types.ModuleType("solution")
    sys.modules["solution"] = module
    try:
        exec(compile(source, "<solution>", "exec"), module.__dict__)
    except BaseException as error:  # of the program, SystemExit and KeyboardInterrupt included
        _answer(wall, ["load_error", *_description(error)])
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
        return ["raised", *_description(error)]


def _answer(wall: socket, answer: list[Any]) -> None:
    try:
        send(wall, answer)
    except (WireError, RecursionError, MemoryError, ValueError) as error:
        send(wall, ["raised", *_description(error)])


def _description(error: BaseException) -> list[str]:
    try:
        text = str(error)[:200]
    except BaseException:  # an exception class of the program can raise in __str__
        text = ""
    return [str(type(error).__name__)[:64], text]

"""The untrusted process: runs the program once, then answers calls of its function."""

import os
import sys
import types
from typing import NoReturn

from astraios_ray.sandbox.jail.frames import SocketLike, receive, receive_frame, send
from astraios_ray.sandbox.jail.peer import Peer


def serve_candidate(wall: SocketLike) -> NoReturn:
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
        send(wall, ["load_error", *_description(error)])
        os._exit(0)
    function = module.__dict__.get(entry_point)
    if not callable(function):
        send(wall, ["no_entry", "", ""])
        os._exit(0)
    peer = Peer(wall, trusted=False)
    peer.export(function)  # as number 0
    send(wall, ["ready", "", ""])
    while True:
        try:
            peer.serve(receive_frame(wall))
        except EOFError:
            os._exit(0)


def _description(error: BaseException) -> list[str]:
    try:
        text = str(error)[:200]
    except BaseException:  # an exception class of the program can raise in __str__
        text = ""
    return [str(type(error).__name__)[:64], text]

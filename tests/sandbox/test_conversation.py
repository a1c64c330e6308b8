"""Frames over two pipes: complete, in time and bounded."""

import os
import struct
from collections.abc import Iterator
from time import monotonic

import pytest

from astraios_ray.sandbox.conversation import MAX_FRAME, Conversation, PeerGone


@pytest.fixture
def talk() -> Iterator[Conversation]:
    """A conversation whose other side is this test."""
    conversation = Conversation()
    yield conversation
    conversation.close()


def soon() -> float:
    return monotonic() + 5.0


def test_a_frame_comes_whole_however_it_is_cut(talk: Conversation) -> None:
    _, their_output = talk.inside
    for part in (struct.pack(">I", 5)[:2], struct.pack(">I", 5)[2:] + b"ab", b"cde"):
        os.write(their_output, part)
    assert talk.receive(soon()) == b"abcde"


def test_a_sent_frame_is_a_length_and_its_bytes(talk: Conversation) -> None:
    talk.send(b"abc", soon())
    assert os.read(talk.inside[0], 100) == b"\x00\x00\x00\x03abc"


def test_silence_ends_at_the_deadline(talk: Conversation) -> None:
    with pytest.raises(TimeoutError):
        talk.receive(monotonic() + 0.05)


def test_one_who_does_not_read_holds_nobody(talk: Conversation) -> None:
    with pytest.raises(TimeoutError):
        talk.send(bytes(1 << 20), monotonic() + 0.1)


def test_a_closed_side_is_gone(talk: Conversation) -> None:
    talk.handed_over()
    with pytest.raises(PeerGone, match="closed its output"):
        talk.receive(soon())
    with pytest.raises(PeerGone, match="reads no more"):
        talk.send(b"x", soon())


def test_a_frame_that_claims_too_much_is_not_awaited(talk: Conversation) -> None:
    os.write(talk.inside[1], struct.pack(">I", MAX_FRAME + 1))
    with pytest.raises(PeerGone, match="a frame of"):
        talk.receive(soon())


def test_closing_leaves_no_descriptor() -> None:
    count = len(os.listdir("/proc/self/fd"))
    conversation = Conversation()
    conversation.handed_over()
    conversation.close()
    assert len(os.listdir("/proc/self/fd")) == count

"""Messages that a few bytes are enough to know: what `recognise` says of them, told for thousands at a time.

Most of what is spoken on a network is of few kinds. A mark names such a kind by the bytes that it begins with;
it says nothing that the protocol's own recogniser would not, and what carries no mark is looked at by that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..types import Protocol
from .roles import CLIENT, DIGITS, EITHER, SERVER, Role

TCP, UDP = Protocol.TCP, Protocol.UDP
MARK_BYTES = 16


class Mark(NamedTuple):
    """A payload over `protocol` of at least `least` captured bytes, with one of some bytes at each place: `role`.

    Ports that recognisers name are all among `ports`, and one is if there are any: so no other is asked first."""

    protocol: Protocol
    role: Role
    bytes_at: Mapping[int, bytes]
    least: int
    ports: frozenset[int] = frozenset()


def _of_text(role: Role, *parts: bytes, ports: frozenset[int] = frozenset()) -> Mark:
    """Make a mark of one set of bytes a place."""
    return Mark(TCP, role, dict(enumerate(parts)), len(parts), ports)


def _letters(word: bytes) -> list[bytes]:
    return [bytes([letter]) for letter in word]


def _request(method: bytes) -> Mark:
    return _of_text(Role("http", f"{method.decode()} request", CLIENT), *_letters(method + b" /"))


def _tls(name: str, speaker: str, kinds: bytes, rest: Mapping[int, bytes], least: int) -> Mark:
    return Mark(TCP, Role("tls", name, speaker), {0: kinds, 1: b"\x03", 2: bytes(range(5)), **rest}, least)


def _hello(name: str, speaker: str, kind: int) -> Mark:
    return _tls(name, speaker, b"\x16", {5: bytes([kind]), 6: b"\x00\x01", 9: b"\x03\xfe"}, 10)


def _dns(name: str, speaker: str, is_response: int) -> Mark:
    """Opcodes up to 6, at most 64 questions, fewer than 4096 answers."""
    flags = bytes(byte for byte in range(256) if byte >> 7 == is_response and byte >> 3 & 15 <= 6)
    counts = {2: flags, 4: b"\x00", 5: bytes(range(65)), 6: bytes(range(16))}
    return Mark(UDP, Role("dns", name, speaker), counts, 12, frozenset({53}))


def _ntp(mode: int, speaker: str) -> Mark:
    first = bytes(byte for byte in range(256) if byte & 7 == mode and 1 <= byte >> 3 & 7 <= 4)
    return Mark(UDP, Role("ntp", f"mode {mode}", speaker), {0: first}, 48, frozenset({123}))


def _quic(speaker: str, ids: Mapping[int, bytes]) -> Mark:
    """An Initial of version 1, by the usual lengths of its connection ids: eight and none, or none and some."""
    start = {0: bytes(range(0xC0, 0xD0)), 1: b"\x00", 2: b"\x00", 3: b"\x00", 4: b"\x01"}
    return Mark(UDP, Role("quic", "Initial", speaker), {**start, **ids}, 15)


MARKS = (
    _tls("record", EITHER, b"\x14\x15\x17", {3: bytes(range(1, 0x41))}, 5),
    _tls("record", EITHER, b"\x14\x15\x17", {3: b"\x00", 4: bytes(range(1, 256))}, 5),
    _hello("ClientHello", CLIENT, 1),
    _hello("ServerHello", SERVER, 2),
    *map(_request, (b"GET", b"HEAD", b"POST", b"PUT")),
    _of_text(
        Role("http", "status line", SERVER), *_letters(b"HTTP/"), DIGITS, b".", DIGITS, b" ", *[DIGITS] * 3
    ),
    _of_text(Role("ssh", "version line", EITHER), *_letters(b"SSH-")),
    _of_text(Role("ssh", "version line", EITHER), *_letters(b"SSH-"), ports=frozenset({22, 2222})),
    _dns("query", CLIENT, 0),
    _dns("response", SERVER, 1),
    _quic(CLIENT, {5: b"\x08", 14: b"\x00"}),
    _quic(SERVER, {5: b"\x00", 6: bytes(range(1, 21))}),
    _ntp(3, CLIENT),
    _ntp(4, SERVER),
)

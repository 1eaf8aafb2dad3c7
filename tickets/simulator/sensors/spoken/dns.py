"""DNS messages as a parser reads them (RFC 1035, 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from tickets.simulator.sensors.spoken.turns import Turn

TYPES = {
    1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 48: "DNSKEY",
    65: "HTTPS", 255: "ANY",
}  # fmt: skip
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
NAME_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Answer:
    name: str
    kind: str
    ttl_s: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, with the side that sent it and when."""

    number: int
    flags: int
    names: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    from_orig: bool
    time_ns: int
    size: int

    @property
    def is_answer(self) -> bool:
        return bool(self.flags & 0x8000)

    @property
    def rcode(self) -> str:
        return RCODES.get(self.flags & 0xF, str(self.flags & 0xF))

    def has(self, bit: int) -> bool:
        return bool(self.flags & bit)


def read_messages(turns: Sequence[Turn], *, over_tcp: bool) -> tuple[Message, ...]:
    """All messages that can be read. Over TCP each has its length before it (RFC 1035, 4.2.2)."""
    found: list[Message] = []
    for turn in turns:
        for data in _framed(turn.data) if over_tcp else [turn.data]:
            message = _read(data, turn)
            if message is not None:
                found.append(message)
    return tuple(found)


def _framed(data: bytes) -> list[bytes]:
    parts, at = [], 0
    while at + 2 < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        parts.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return parts


def _read(data: bytes, turn: Turn) -> Message | None:
    if len(data) < 12:
        return None
    number, flags, asked, answered = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2, 4, 6))
    try:
        names, at = [], 12
        for _ in range(min(asked, 16)):
            name, at = _name(data, at)
            names.append((name, _kind(data, at)))
            at += 4
        answers = []
        for _ in range(min(answered, 64)):
            answer, at = _answer(data, at)
            answers.append(answer)
    except (IndexError, ValueError):
        return None
    return Message(
        number=number,
        flags=flags,
        names=tuple(names),
        answers=tuple(answers),
        from_orig=turn.from_orig,
        time_ns=turn.start_ns,
        size=len(data),
    )


def _answer(data: bytes, at: int) -> tuple[Answer, int]:
    name, at = _name(data, at)
    kind, ttl_s = _kind(data, at), int.from_bytes(data[at + 4 : at + 8], "big")
    length, start = int.from_bytes(data[at + 8 : at + 10], "big"), at + 10
    value = data[start : start + length]
    return Answer(name, kind, ttl_s, _value(data, start, kind, value)), start + length


def _value(data: bytes, start: int, kind: str, value: bytes) -> str:
    if kind == "A" and len(value) == 4:
        return str(IPv4Address(value))
    if kind == "AAAA" and len(value) == 16:
        return str(IPv6Address(value))
    if kind in ("CNAME", "NS", "PTR"):
        return _name(data, start)[0]
    if kind == "MX":
        return _name(data, start + 2)[0]
    if kind == "TXT":
        return value[1 : 1 + value[0]].decode("ascii", "replace")
    return value.hex()


def _kind(data: bytes, at: int) -> str:
    number = int.from_bytes(data[at : at + 2], "big")
    return TYPES.get(number, f"TYPE{number}")


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; a pointer leads to an earlier place (RFC 1035, 4.1.4)."""
    labels: list[str] = []
    end = -1
    while (length := data[at]) and len(labels) < NAME_LIMIT:
        if length >= 0xC0:
            end = at + 2 if end < 0 else end
            target = (length & 0x3F) << 8 | data[at + 1]
            if target >= at:
                raise ValueError("a pointer that does not lead back")
            at = target
            continue
        labels.append(data[at + 1 : at + 1 + length].decode("ascii", "replace"))
        at += 1 + length
    return ".".join(labels), at + 1 if end < 0 else end

"""pcapng files: several sections and interfaces, enhanced, simple and old packet blocks.

Format: draft-ietf-opsawg-pcapng. Each section sets its own byte order; each interface its link
type, the resolution of its clock and an offset in seconds.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..types import LAST_NS, Location, Packet, Problem
from .fragments import Fragments
from .frames import decode_frame
from .pcap import MAX_FRAME
from .source import Source, note_problem

FORMAT = "pcapng"
MAGIC = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
# Name resolution and statistics blocks can be large; a packet block cannot.
MAX_BLOCK = 16 << 20
MAX_INTERFACES = 65536
OPTION_TSRESOL, OPTION_TSOFFSET = 9, 14


@dataclass(frozen=True, slots=True)
class Interface:
    """One capture interface: link type, snap length, clock ticks in a second, offset in seconds."""

    linktype: int
    snaplen: int
    ticks: int
    offset_s: int

    def time_ns(self, high: int, low: int) -> int:
        return ((high << 32 | low) * 1_000_000_000) // self.ticks + self.offset_s * 1_000_000_000


@dataclass(slots=True)
class Section:
    """What the blocks read so far have set: byte order, interfaces, packets counted over the file."""

    order: Literal["<", ">"] = "<"
    interfaces: list[Interface] = field(default_factory=list)
    packets: int = 0
    fragments: Fragments = field(default_factory=Fragments)
    # The numbers of the packets to decode; None for all.
    wanted: Container[int] | None = None


class BadBlock(Exception):
    """A block that cannot be what it says; the words say why."""


def matches(head: bytes) -> bool:
    return head[:4] == MAGIC


def read(source: Source, problems: list[Problem], wanted: Container[int] | None = None) -> Iterator[Packet]:
    """Yield the packets of a pcapng file, or of those only the ones whose number is wanted. A damaged block is a
    problem with its byte offset."""
    section = Section(wanted=wanted)
    while (packets := read_next_block(source, section, problems)) is not None:
        yield from packets
    section.fragments.finish(problems)


def read_next_block(source: Source, section: Section, problems: list[Problem]) -> list[Packet] | None:
    """Take one block and return its packets; None at the end of what can be read."""
    at = source.offset
    try:
        block = _take_block(source, section)
    except BadBlock as bad:
        note_problem(problems, source.name, f"block at byte {at}", f"{bad}; the rest cannot be read")
        return None
    return None if block is None else read_block(source.name, at, section, *block, problems)


def read_block(
    name: str, at: int, section: Section, kind: int, body: bytes, problems: list[Problem]
) -> list[Packet]:
    """Return the packets of a block that stands at byte `at`. One that is wrong is a problem, and is skipped."""
    try:
        return _read_block(name, section, kind, body, problems)
    except (BadBlock, struct.error) as bad:
        words = str(bad) if isinstance(bad, BadBlock) else "the block is too short for its kind"
        note_problem(problems, name, f"block at byte {at}", words)
        return []


def _take_block(source: Source, section: Section) -> tuple[int, bytes] | None:
    head = source.peek(12)
    if not head:
        return None
    if len(head) < 12:
        raise BadBlock("the file ends inside a block's header")
    if head[:4] == MAGIC:
        section.order = _byte_order(head[8:12])
        section.interfaces = []
    kind, length = struct.unpack_from(section.order + "II", head)
    if length < 12 or length % 4 or length > MAX_BLOCK:
        raise BadBlock(f"a block length of {length} bytes is not possible")
    block = source.take(length)
    if len(block) < length:
        raise BadBlock(f"the file ends after {len(block)} of {length} bytes of a block")
    return kind, block[8:-4]


def _byte_order(magic: bytes) -> Literal["<", ">"]:
    orders: dict[bytes, Literal["<", ">"]] = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
    if magic not in orders:
        raise BadBlock("the section header has no byte-order mark")
    return orders[magic]


def _read_block(name: str, section: Section, kind: int, body: bytes, problems: list[Problem]) -> list[Packet]:
    if kind == INTERFACE:
        if len(section.interfaces) < MAX_INTERFACES:
            section.interfaces.append(_interface(section.order, body))
        return []
    if kind not in PACKET_BLOCKS:
        return []
    section.packets += 1
    if section.wanted is not None and section.packets not in section.wanted:
        return []
    interface, time_ns, captured, length, start = PACKET_BLOCKS[kind](section, body)
    if captured > MAX_FRAME or start + captured > len(body):
        raise BadBlock(f"packet {section.packets} claims {captured} bytes, more than its block holds")
    if not 0 <= time_ns <= LAST_NS:
        raise BadBlock(f"packet {section.packets} has a time that is not possible")
    frame = body[start : start + captured]
    location = Location(name, section.packets)
    size = max(length, captured)
    return decode_frame(location, time_ns, interface.linktype, frame, size, problems, section.fragments)


def _interface(order: str, body: bytes) -> Interface:
    linktype, _, snaplen = struct.unpack_from(order + "HHI", body)
    options = dict(_options(order, body[8:]))
    resolution = options.get(OPTION_TSRESOL, b"\x06")[:1] or b"\x06"
    # The top bit tells a power of two from a power of ten; clocks finer than 10^-19 s do not exist.
    exponent = min(resolution[0] & 0x7F, 63 if resolution[0] & 0x80 else 19)
    offset = options.get(OPTION_TSOFFSET, b"")
    offset_s = struct.unpack(order + "q", offset)[0] if len(offset) == 8 else 0
    return Interface(linktype, snaplen, (2 if resolution[0] & 0x80 else 10) ** exponent, offset_s)


def _options(order: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + (length + 3) // 4 * 4


def _interface_of(section: Section, index: int) -> Interface:
    if index >= len(section.interfaces):
        raise BadBlock(f"packet {section.packets} names interface {index}, which no block describes")
    return section.interfaces[index]


PacketHeader = tuple[Interface, int, int, int, int]


def _enhanced(section: Section, body: bytes) -> PacketHeader:
    index, high, low, captured, length = struct.unpack_from(section.order + "IIIII", body)
    interface = _interface_of(section, index)
    return interface, interface.time_ns(high, low), captured, length, 20


def _old(section: Section, body: bytes) -> PacketHeader:
    index, _, high, low, captured, length = struct.unpack_from(section.order + "HHIIII", body)
    interface = _interface_of(section, index)
    return interface, interface.time_ns(high, low), captured, length, 20


def _simple(section: Section, body: bytes) -> PacketHeader:
    """A simple packet has no time of its own; it is cut by the first interface's snap length."""
    (length,) = struct.unpack_from(section.order + "I", body)
    interface = _interface_of(section, 0)
    captured = min(length, interface.snaplen or length, len(body) - 4)
    return interface, 0, captured, length, 4


PACKET_BLOCKS = {ENHANCED_PACKET: _enhanced, OLD_PACKET: _old, SIMPLE_PACKET: _simple}

"""A capture in blocks of frames: where each frame stands in the bytes that were read, and when it passed.

What is not an ordinary frame of an ordinary record (another kind of block, a second link type) is
marked odd: the reader that knows every case decodes it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..readers import pcap, pcapng
from ..readers.fragments import Fragments
from ..readers.frames import decode_frame
from ..readers.source import Source
from ..types import LAST_NS, Location, Packet, Problem
from .records import Chain, Ints, find_starts

BLOCK_BYTES = 8 << 20
# A frame's number within its block has to fit 16 bits (`table`).
MAX_FRAMES = 1 << 16
# A damaged or unusual place costs one search of the block: not worth it where it comes again soon.
WORTH_WHILE = 4096
U4 = {"<": np.dtype("<u4"), ">": np.dtype(">u4")}
WORDS: dict[str, Literal["little", "big"]] = {"<": "little", ">": "big"}
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Frames(ABC):
    """Frames of one block. `numbers` are packet numbers in the file (for what is no packet, the next one's)."""

    source: Source
    problems: list[Problem]
    fragments: Fragments
    data: bytearray
    starts: Ints  # of the records
    at: Ints  # of the frames in them
    captured: Ints
    time_ns: Ints
    numbers: Ints
    linktype: int
    odd: Bools | None

    def __len__(self) -> int:
        return len(self.at)

    def cut(self, first: int) -> Frames:
        """Return at most MAX_FRAMES from `first` on."""
        if not first and len(self) <= MAX_FRAMES:
            return self
        part = slice(first, first + MAX_FRAMES)
        return replace(
            self,
            starts=self.starts[part],
            at=self.at[part],
            captured=self.captured[part],
            time_ns=self.time_ns[part],
            numbers=self.numbers[part],
            odd=None if self.odd is None else self.odd[part],
        )

    @abstractmethod
    def decode(self, index: int) -> list[Packet]:
        """Return the packets of one frame, as the capture's own reader does."""


def read_frames(source: Source, format_name: str, problems: list[Problem]) -> Iterator[Frames | list[Packet]]:
    """Yield blocks of frames; where the file takes an unusual turn, the packets as its reader gives them."""
    blocks = _read_pcap if format_name == pcap.FORMAT else _read_pcapng
    for block in blocks(source, problems):
        if isinstance(block, list):
            yield block
            continue
        for first in range(0, len(block), MAX_FRAMES):
            yield block.cut(first)


class Buffer:
    """The part of a file that is looked at: what is left of the last block, and what was read behind it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data = bytearray(BLOCK_BYTES)
        self.done = self.end = 0
        self.base = source.offset

    def fill(self) -> bool:
        """Move what is not done to the front and read on. False where nothing came."""
        left = self.data[self.done : self.end]
        self.data[: len(left)] = left
        self.base += self.done
        self.done = 0
        with memoryview(self.data) as view:
            taken = self.source.take_into(view[len(left) :])
        self.end = len(left) + taken
        return taken > 0

    def give_back(self) -> None:
        """Let the source stand where we are, for the reader that takes it from there."""
        self.source.give_back(bytes(self.data[self.done : self.end]))


# pcap


@dataclass(frozen=True, slots=True)
class PcapFrames(Frames):
    header: pcap.Header

    def decode(self, index: int) -> list[Packet]:
        start, captured, number = int(self.at[index]), int(self.captured[index]), int(self.numbers[index])
        order = WORDS[self.header.order]
        length = int.from_bytes(self.data[start - 4 : start], order)
        return decode_frame(
            Location(self.source.name, number),
            int(self.time_ns[index]),
            self.linktype,
            bytes(self.data[start : start + captured]),
            max(length, captured),
            self.problems,
            self.fragments,
        )


def _read_pcap(source: Source, problems: list[Problem]) -> Iterator[Frames | list[Packet]]:
    header = pcap.read_header(source, problems)
    if header is None:
        return
    fragments = Fragments()
    buffer = Buffer(source)
    number = 0
    while buffer.fill():
        chain = _pcap_chain(header, buffer)
        starts, buffer.done = find_starts(buffer.data, 0, buffer.end, chain)
        if not len(starts):
            break
        yield _pcap_frames(buffer, starts, header, number, problems, fragments)
        number += len(starts)
    buffer.give_back()
    for packet in pcap.read_packets(source, problems, header, fragments, number):
        yield [packet]
    fragments.finish(problems)


def _pcap_chain(header: pcap.Header, buffer: Buffer) -> Chain:
    """Records of one hour or so share the upper half of their seconds."""
    mark_at = 2 if header.order == "<" else 0
    mark = bytes(buffer.data[mark_at : mark_at + 2])
    return Chain(header.order, 16, 8, 16, 0, pcap.MAX_FRAME, 1, mark, mark_at)


def _pcap_frames(
    buffer: Buffer,
    starts: Ints,
    header: pcap.Header,
    number: int,
    problems: list[Problem],
    fragments: Fragments,
) -> Frames:
    kind = U4[header.order]
    heads = _rows(buffer.data, buffer.end, starts, 16).view(
        np.dtype([("s", kind), ("f", kind), ("c", kind), ("l", kind)])
    )
    time_ns = heads["s"].astype(np.int64) * 1_000_000_000
    time_ns += heads["f"].astype(np.int64) * header.unit_ns
    return PcapFrames(
        source=buffer.source,
        problems=problems,
        fragments=fragments,
        data=buffer.data,
        starts=starts,
        at=starts + 16,
        captured=heads["c"].astype(np.int64),
        time_ns=time_ns,
        numbers=np.arange(number + 1, number + 1 + len(starts)),
        linktype=header.linktype,
        odd=None,
        header=header,
    )


# pcapng


@dataclass(frozen=True, slots=True)
class PcapngFrames(Frames):
    section: pcapng.Section
    base: int

    def decode(self, index: int) -> list[Packet]:
        start = int(self.starts[index])
        word = WORDS[self.section.order]
        kind = int.from_bytes(self.data[start : start + 4], word)
        length = int.from_bytes(self.data[start + 4 : start + 8], word)
        # The reader counts on from here; what is no packet carries the number of the one before.
        self.section.packets = int(self.numbers[index]) - (kind in pcapng.PACKET_BLOCKS)
        body = bytes(self.data[start + 8 : start + length - 4])
        return pcapng.read_block(self.source.name, self.base + start, self.section, kind, body, self.problems)


def _read_pcapng(source: Source, problems: list[Problem]) -> Iterator[Frames | list[Packet]]:
    """Sections that follow one another are read in bulk as long as they are large."""
    section = pcapng.Section()
    is_worth_while = True
    while (packets := pcapng.read_next_block(source, section, problems)) is not None:
        if packets:
            yield packets
        if is_worth_while and section.interfaces:
            count = 0
            for block in _read_section(source, section, problems):
                yield block
                count += len(block)
            is_worth_while = count >= WORTH_WHILE
    section.fragments.finish(problems)


def _read_section(source: Source, section: pcapng.Section, problems: list[Problem]) -> Iterator[Frames]:
    """Read blocks up to the next section, or to one that is not whole."""
    chain = _pcapng_chain(section.order)
    buffer = Buffer(source)
    while buffer.fill():
        starts, buffer.done = find_starts(buffer.data, 0, buffer.end, chain)
        kinds = _rows(buffer.data, buffer.end, starts, 4).view(U4[section.order]).ravel()
        sections = np.flatnonzero(kinds == pcapng.SECTION)
        if len(sections):
            buffer.done = int(starts[sections[0]])
            starts, kinds = starts[: sections[0]], kinds[: sections[0]]
        if not len(starts):
            break
        packets = section.packets
        yield _pcapng_frames(buffer, starts, kinds, section, problems)
        section.packets = packets + int(np.isin(kinds, list(pcapng.PACKET_BLOCKS)).sum())
        if len(sections):
            break
    buffer.give_back()


def _pcapng_chain(order: Literal["<", ">"]) -> Chain:
    """Blocks begin at multiples of four bytes, and most of them are enhanced packet blocks."""
    mark = b"\x06\0\0\0" if order == "<" else b"\0\0\0\x06"
    return Chain(order, 12, 4, 0, 12, pcapng.MAX_BLOCK, 4, mark, 0)


def _pcapng_frames(
    buffer: Buffer, starts: Ints, kinds: NDArray[np.uint32], section: pcapng.Section, problems: list[Problem]
) -> Frames:
    word = U4[section.order]
    names = ("kind", "size", "interface", "high", "low", "captured", "length")
    # A block of another kind may be shorter than the header that is read of all: then it is odd all the same.
    rows = _rows(buffer.data, len(buffer.data), np.minimum(starts, len(buffer.data) - 28), 28)
    heads = rows.view(np.dtype([(name, word) for name in names]))
    interface = heads["interface"].astype(np.int64)
    captured = heads["captured"].astype(np.int64)
    usual = _usual_interface(interface)
    odd = (kinds != pcapng.ENHANCED_PACKET) | (interface != usual) | (usual >= len(section.interfaces))
    odd |= (starts > len(buffer.data) - 28) | (captured + 32 > heads["size"]) | (captured > pcap.MAX_FRAME)
    described = section.interfaces[min(usual, len(section.interfaces) - 1)]
    time_ns, is_late = _times(described, heads["high"].astype(np.int64) << 32 | heads["low"])
    is_packet = np.isin(kinds, list(pcapng.PACKET_BLOCKS))
    return PcapngFrames(
        source=buffer.source,
        problems=problems,
        fragments=section.fragments,
        data=buffer.data,
        starts=starts,
        at=starts + 28,
        captured=captured,
        time_ns=time_ns,
        numbers=section.packets + np.cumsum(is_packet),
        linktype=described.linktype,
        odd=odd | is_late,
        section=section,
        base=buffer.base,
    )


def _usual_interface(interfaces: Ints) -> int:
    """Return the interface of most frames; the frames of others take the slow path."""
    first = int(interfaces[0])
    if (interfaces == first).all():
        return first
    numbers, counts = np.unique(interfaces, return_counts=True)
    return int(numbers[np.argmax(counts)])


def _times(interface: pcapng.Interface, ticks: Ints) -> tuple[Ints, Bools]:
    """Return the times, and which of them are to be worked out exactly: late ones, and those of odd clocks."""
    unit_ns, rest = divmod(1_000_000_000, interface.ticks)
    if rest or interface.offset_s:
        return np.zeros_like(ticks), np.ones(len(ticks), dtype=np.bool_)
    is_late = (ticks > LAST_NS // unit_ns) | (ticks < 0)
    return np.where(is_late, 0, ticks) * unit_ns, is_late


def _rows(data: bytearray, end: int, at: Ints, size: int) -> NDArray[np.void]:
    """Return `size` bytes from each place: one copy each, to be looked at as fields."""
    window = np.ndarray((max(end - size + 1, 0),), dtype=f"V{size}", buffer=data, strides=(1,))
    return window[at]

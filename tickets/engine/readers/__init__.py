"""Evidence files -> records. One module a format; a file's kind is found by what it holds, never by its name.

A format module offers `FORMAT` (its id), `matches(head)` on the first bytes of a file, and
`read(source, problems)` which yields records in the order of the file. To add a format, write
such a module and name it in `logs`.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..types import EngineError, Packet, Problem, Record
from . import pcap, pcapng, strangers, tables
from .format import Format
from .source import Source

HEAD_BYTES = 65536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Reading:
    """One file being read: its format, its records in file order, and what went wrong.

    `records` is read once, as it comes; `problems` is complete when the records are used up."""

    format: str
    records: Iterator[Record]
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Opened:
    """One file whose format was found, before its first record."""

    source: Source
    format: Format

    @property
    def is_capture(self) -> bool:
        return self.format in CAPTURES


CAPTURES: tuple[Format, ...] = (pcap, pcapng)


def find_format(head: bytes) -> Format | None:
    """The format of a file by its first bytes. Captures come first: who reads one need not load three dozen kinds of
    log."""
    for capture in CAPTURES:
        if capture.matches(head):
            return capture
    from .logs import find_log

    return find_log(head)


def read_evidence(name: str, source: bytes | BinaryIO) -> Reading:
    """Find out what the file is and read it as it is asked for.

    `name` is what locations and problems call the file. Raises EngineError for a file that is
    empty or of no known kind, here or (a damaged gzip stream) while the records are read."""
    opened = open_evidence(name, source)
    problems: list[Problem] = []
    return Reading(opened.format.FORMAT, opened.format.read(opened.source, problems), problems)


def read_payloads(name: str, source: bytes | BinaryIO, numbers: Container[int]) -> Iterator[Packet]:
    """The packets of a capture whose numbers are wanted, in its order; of a tunnelled one the outermost. The others are
    passed over, not decoded. Nothing for a file that is no capture."""
    opened = open_evidence(name, source)
    before = 0
    for capture in (pcap, pcapng):
        if opened.format is not capture:
            continue
        for packet in capture.read(opened.source, [], numbers):
            if packet.location.number != before:
                yield packet
            before = packet.location.number


def open_evidence(name: str, source: bytes | BinaryIO) -> Opened:
    """Find out what the file is. Raises EngineError for a file that is empty or of no known kind."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    data = Source(name, stream)
    if data.peek(3) == BYTE_ORDER_MARK:
        data.take(3)
    head = data.peek(HEAD_BYTES)
    if tables.is_table(head):
        data = Source(name, io.BytesIO(tables.as_results(name, data.take(tables.MAX_TABLE + 1))))
        head = data.peek(HEAD_BYTES)
    if not head.strip():
        raise EngineError("the file is empty", file=name)
    # What an archive holds may look like a log of its own, so these come before any format.
    if stranger := strangers.told_of(head):
        raise EngineError(stranger, file=name)
    found = find_format(head)
    if found is not None:
        return Opened(data, found)
    said = "this is no evidence that can be read: it holds neither a capture (pcap, pcapng) nor a known log"
    raise EngineError(said, file=name)

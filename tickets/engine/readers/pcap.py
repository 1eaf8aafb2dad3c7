"""Classic pcap files: both byte orders, micro- and nanoseconds.

Format: draft-ietf-opsawg-pcap. A record that claims an impossible length makes the rest of the
file unreadable, since the next record can only be found by it: what came before is kept.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator, Mapping
from typing import Literal, NamedTuple

from ..types import Location, Packet, Problem
from .fragments import Fragments
from .frames import decode_frame
from .source import Source, note_problem

FORMAT = "pcap"
MAX_FRAME = 262144  # the largest snap length that tcpdump accepts
FILE_HEADER = 24
RECORD_HEADER = 16
# magic -> byte order, nanoseconds in a unit of the fraction field
MAGICS: Mapping[bytes, tuple[Literal["<", ">"], int]] = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


def matches(head: bytes) -> bool:
    return head[:4] in MAGICS


class Header(NamedTuple):
    """What the file's header says of its records: byte order, nanoseconds in a unit of the fraction, link type."""

    order: Literal["<", ">"]
    unit_ns: int
    linktype: int


def read(source: Source, problems: list[Problem], wanted: Container[int] | None = None) -> Iterator[Packet]:
    """Yield the packets of a classic pcap, or of those only the ones whose number is wanted. A damaged or cut record
    is a problem with number and byte offset."""
    fragments = Fragments()
    header = read_header(source, problems)
    if header is not None:
        yield from read_packets(source, problems, header, fragments, wanted=wanted)
    fragments.finish(problems)


def read_header(source: Source, problems: list[Problem]) -> Header | None:
    head = source.take(FILE_HEADER)
    if len(head) < FILE_HEADER:
        note_problem(problems, source.name, f"byte {len(head)}", "the file ends inside its header")
        return None
    order, unit_ns = MAGICS[head[:4]]
    # The upper bits of the link type field hold the FCS length and reserved bits.
    return Header(order, unit_ns, struct.unpack_from(order + "I", head, 20)[0] & 0xFFFF)


def read_packets(
    source: Source,
    problems: list[Problem],
    header: Header,
    fragments: Fragments,
    number: int = 0,
    wanted: Container[int] | None = None,
) -> Iterator[Packet]:
    """Yield the packets from where the source stands; `number` packets came before."""
    record = struct.Struct(header.order + "IIII")
    while True:
        at = source.offset
        head = source.take(RECORD_HEADER)
        if not head:
            return
        number += 1
        place = f"packet {number} at byte {at}"
        if len(head) < RECORD_HEADER:
            note_problem(problems, source.name, place, "the file ends inside a packet's header")
            return
        seconds, fraction, captured, length = record.unpack(head)
        if captured > MAX_FRAME:
            note_problem(problems, source.name, place, _too_long(captured))
            return
        frame = source.take(captured)
        if len(frame) < captured:
            note_problem(
                problems, source.name, place, f"the file ends after {len(frame)} of {captured} bytes"
            )
        if wanted is not None and number not in wanted:
            continue
        time_ns = seconds * 1_000_000_000 + fraction * header.unit_ns
        location, size = Location(source.name, number), max(length, captured)
        yield from decode_frame(location, time_ns, header.linktype, frame, size, problems, fragments)


def _too_long(captured: int) -> str:
    return (
        f"claims {captured} bytes, more than the {MAX_FRAME} that a packet may have; the rest cannot be read"
    )

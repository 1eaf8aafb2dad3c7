"""What the layers of a frame share: the frame being decoded, and tables of who comes next.

A layer is a function that looks at its own header and hands the rest on. It says itself under which
numbers it is found (`@ethertype(0x8100)`), so that layers which nest either way need not import each other.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple, Protocol

from ..types import Location, Packet, Problem

MAX_LAYERS = 16
U16 = struct.Struct(">H")
U32 = struct.Struct(">I")


class Frame:
    """The frame being decoded: where it stands, what was peeled so far, and the packets found."""

    __slots__ = ("fault", "fragments", "layers", "location", "packets", "problems", "time_ns", "wire_bytes")

    def __init__(
        self,
        location: Location,
        time_ns: int,
        wire_bytes: int,
        fragments: FragmentsOf,
        problems: list[Problem],
    ) -> None:
        self.location = location
        self.fragments = fragments
        self.problems = problems
        self.time_ns = time_ns
        self.wire_bytes = wire_bytes
        self.layers: tuple[str, ...] = ()
        self.packets: list[Packet] = []
        self.fault = ""


# A layer gets the frame, the frame's bytes, where its header starts and where its bytes end.
Layer = Callable[[Frame, bytes, int, int], None]


class Fragment(NamedTuple):
    """Where a fragment's bytes lie in the packet that was fragmented, and which packet that was."""

    offset: int
    ident: int


class IpHeader(NamedTuple):
    """What an IP header tells the layer above it. `at` is where that layer starts, `end` where it ends by
    the header's own length, which a short capture need not reach."""

    protocol: int
    src: str
    dst: str
    at: int
    end: int
    ttl: int
    ip_bytes: int
    fragment: Fragment | None
    addresses: bytes = b""  # both, as they stand in the header
    has_bad_checksum: bool = False  # the header's own (IPv4)


# A layer inside IP gets the frame, its bytes, the IP header, and where the captured bytes of it end.
Transport = Callable[[Frame, bytes, IpHeader, int], None]


class FragmentsOf(Protocol):
    """The fragmented packets of one capture (`fragments`)."""

    def take(
        self, frame: Frame, data: bytes, ip: IpHeader, fragment: Fragment, end: int, transport: Transport
    ) -> None: ...


LINK_TYPES: dict[int, Layer] = {}  # https://www.tcpdump.org/linktypes.html
ETHERTYPES: dict[int, Layer] = {}  # IANA, IEEE 802 Numbers
PPP_PROTOCOLS: dict[int, Layer] = {}  # IANA, PPP DLL Protocol Numbers
UDP_TUNNELS: dict[int, Layer] = {}  # by port
IP_PROTOCOLS: dict[int, Transport] = {}  # IANA, Assigned Internet Protocol Numbers


def link_type(*numbers: int) -> Callable[[Layer], Layer]:
    return _found_under(LINK_TYPES, numbers)


def ethertype(*numbers: int) -> Callable[[Layer], Layer]:
    return _found_under(ETHERTYPES, numbers)


def ppp_protocol(*numbers: int) -> Callable[[Layer], Layer]:
    return _found_under(PPP_PROTOCOLS, numbers)


def udp_tunnel(*ports: int) -> Callable[[Layer], Layer]:
    return _found_under(UDP_TUNNELS, ports)


def ip_protocol(number: int) -> Callable[[Transport], Transport]:
    def enter(transport: Transport) -> Transport:
        IP_PROTOCOLS[number] = transport
        return transport

    return enter


def _found_under(table: dict[int, Layer], numbers: tuple[int, ...]) -> Callable[[Layer], Layer]:
    def enter(layer: Layer) -> Layer:
        table.update(dict.fromkeys(numbers, layer))
        return layer

    return enter


def peel(frame: Frame, word: str) -> bool:
    """Note a peeled layer. False when a frame nests so deep that it can only be made to harm."""
    frame.layers = (*frame.layers, word)
    if len(frame.layers) > MAX_LAYERS:
        frame.fault = f"more than {MAX_LAYERS} layers inside one another"
        return False
    return True


def by_ethertype(frame: Frame, kind: int, data: bytes, at: int, end: int) -> None:
    """Hand on to the layer of that EtherType; one that carries no IP (ARP) ends the frame."""
    layer = ETHERTYPES.get(kind)
    if layer is not None:
        layer(frame, data, at, end)


@link_type(12, 14, 101)
def ip_by_version(frame: Frame, data: bytes, at: int, end: int) -> None:
    """IP without a word before it that says which: its first nibble does."""
    version = data[at] >> 4
    if version == 4:
        ETHERTYPES[0x0800](frame, data, at, end)
    elif version == 6:
        ETHERTYPES[0x86DD](frame, data, at, end)

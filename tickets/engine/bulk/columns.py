"""Frames -> columns: the headers of ordinary packets, decoded for a whole block at a time.

Ordinary is a packet whose headers are whole and usual: Ethernet with up to two VLAN tags, Linux cooked,
loopback or raw IP; IPv4 that is no fragment, IPv6 without extension headers; TCP, UDP, or ICMP that is no
error. What is anything else is odd, and `readers.layers` decodes it, frame by frame; both must see
the same in a packet that either may be given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..readers.layers import ETHERTYPES, IP_PROTOCOLS, UDP_TUNNELS
from ..readers.network import AUTHENTICATION, EXTENSIONS, FRAGMENT
from ..readers.transport import COUNTERPARTS, ERRORS
from ..types import Protocol
from .addresses import Addresses
from .frames import Bools, Frames
from .records import Ints
from .sums import find_wrong, has_bad_heads

TCP, UDP, ICMP = 0, 1, 2
PROTOCOLS = (Protocol.TCP, Protocol.UDP, Protocol.ICMP)
IP_TCP, IP_UDP, IP_ICMP4, IP_ICMP6 = 6, 17, 1, 58
IPV4, IPV6 = 0x0800, 0x86DD
TAGS = (0x8100, 0x88A8, 0x9100)
FIN, SYN, RST = 0x01, 0x02, 0x04
NO_PROTOCOL = 255
TAG_BITS = 16

ETHERNET_HEAD = np.dtype([("macs", "V12"), ("kind", ">u2")])
TAG_HEAD = np.dtype([("tag", ">u2"), ("kind", ">u2")])
IPV4_HEAD = np.dtype([
    ("first", "u1"), ("service", "u1"), ("length", ">u2"), ("id", ">u2"), ("fragment", ">u2"),
    ("ttl", "u1"), ("protocol", "u1"), ("checksum", ">u2"), ("src", ">u4"), ("dst", ">u4"),
])  # fmt: skip
IPV6_HEAD = np.dtype([
    ("first", "u1"), ("flow", "V3"), ("length", ">u2"), ("following", "u1"), ("hops", "u1"),
    ("src", "V16"), ("dst", "V16"),
])  # fmt: skip
TCP_HEAD = np.dtype([
    ("sport", ">u2"), ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1"), ("window", ">u2"),
    ("checksum", ">u2"),
])  # fmt: skip
UDP_HEAD = np.dtype([("sport", ">u2"), ("dport", ">u2"), ("length", ">u2"), ("checksum", ">u2")])

# Where IP begins by link type, and where its EtherType stands; None: the version tells.
RAW_LINKS = {12: 0, 14: 0, 101: 0, 0: 4, 108: 4}
TYPED_LINKS = {1: (14, 12), 113: (16, 14), 276: (20, 0)}
FIXED_LINKS = {228: IPV4, 229: IPV6}


NO = np.zeros(0, dtype=np.bool_)


def _numbers(found: set[int], size: int) -> Bools:
    table = np.zeros(size, dtype=np.bool_)
    table[[number for number in found if number < size]] = True
    return table


KNOWN_ETHERTYPES = _numbers(set(ETHERTYPES), 65536)
KNOWN_ETHERTYPES[:0x0600] = True  # a length, and LLC behind it
KNOWN_PROTOCOLS = _numbers(set(IP_PROTOCOLS), 256)
IPV6_EXTENSIONS = _numbers({*EXTENSIONS, AUTHENTICATION, FRAGMENT}, 256)
TUNNEL_PORTS = _numbers(set(UDP_TUNNELS), 65536)
SPOKEN = np.full(256, NO_PROTOCOL, dtype=np.uint8)
SPOKEN[[IP_TCP, IP_UDP, IP_ICMP4, IP_ICMP6]] = TCP, UDP, ICMP, ICMP
IS_ERROR = np.zeros((2, 256), dtype=np.bool_)
ANSWER = np.full((2, 256), -1, dtype=np.int64)
for _row, _family in enumerate((IP_ICMP4, IP_ICMP6)):
    IS_ERROR[_row, list(ERRORS[_family])] = True
    for (_of, _kind), _counterpart in COUNTERPARTS.items():
        if _of == _family:
            ANSWER[_row, _kind] = _counterpart


@dataclass(frozen=True, slots=True)
class Columns:
    """The ordinary packets of a block, kind by kind: each kind in capture order, as `index`, the frame's place within
    its block, tells. `src` and `dst` are endpoints as numbers (`addresses`); `held` is how much of the payload was
    captured, from `payload_at` on.
    `tags` are the VLAN tags that were peeled: one more than each, the outer one in the lower TAG_BITS."""

    index: Ints
    time_ns: Ints
    number: Ints
    tags: Ints
    protocol: NDArray[np.uint8]
    src: Ints
    dst: Ints
    payload_at: Ints
    payload_bytes: Ints
    held: Ints
    flags: NDArray[np.uint8]
    seq: Ints
    ack: Ints
    window: Ints
    is_bad: Bools  # its checksum or its IP header's is wrong (filled in for all kinds at once); of ICMP nobody asks

    def __len__(self) -> int:
        return len(self.index)

    def take(self, chosen: Ints) -> Columns:
        return Columns(*(getattr(self, name)[chosen] for name in self.__slots__))


class Decoding:
    """One block being decoded. `alive` are the frames that are ordinary so far; `odd` those for the slow path."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.odd = np.zeros(len(frames), dtype=np.bool_) if frames.odd is None else frames.odd.copy()
        self.tags = np.zeros(len(frames), dtype=np.int64)
        self.size = len(frames.data)
        self.has_bad_head = np.zeros(len(frames), dtype=np.bool_)
        # Of each frame where its segment begins and ends, its pseudo header's sum, and the checksum; 0 for none.
        self.sums = tuple(np.zeros(len(frames), dtype=np.int64) for _ in range(4))

    def heads(self, at: Ints, kind: np.dtype[np.void]) -> NDArray[np.void]:
        """Return a header's bytes at each place. Places are within the buffer: `keep` sees to that."""
        width = kind.itemsize
        window = np.ndarray(
            (self.size - width + 1,), dtype=f"V{width}", buffer=self.frames.data, strides=(1,)
        )
        return window[at].view(kind)

    def is_bad(self) -> Bools:
        """Return which frames have a wrong checksum."""
        found = self.has_bad_head
        summed = np.flatnonzero(self.sums[1])
        found[summed[find_wrong(self.frames.data, *(column[summed] for column in self.sums))]] = True
        return found


def decode_block(frames: Frames, addresses: Addresses) -> tuple[Columns, Ints]:
    """Return the ordinary packets and the indices of the odd frames. Frames that carry no packet are in neither."""
    block = Decoding(frames)
    index = np.arange(len(frames)) if frames.odd is None else np.flatnonzero(~block.odd)
    end = frames.at[index] + frames.captured[index]
    index, at, end, kind = _link(block, index, end)
    parts = [
        _network(block, index, at, end, kind, IPV4, addresses),
        _network(block, index, at, end, kind, IPV6, addresses),
    ]
    columns = _together([column for part in parts for column in part if len(column)])
    return replace(columns, is_bad=block.is_bad()[columns.index]), np.flatnonzero(block.odd)


def _together(parts: list[Columns]) -> Columns:
    if not parts:
        return _no_packets()
    if len(parts) == 1:
        return parts[0]
    return Columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in Columns.__slots__))


def layers_of(tags: int) -> tuple[str, ...]:
    """Return the layers that tags stand for, as `links.vlan` names them."""
    found = []
    while tags:
        found.append(f"vlan:{(tags & ((1 << TAG_BITS) - 1)) - 1}")
        tags >>= TAG_BITS
    return tuple(found)


def _no_packets() -> Columns:
    none, small = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8)
    return Columns(none, none, none, none, small, none, none, none, none, none, small, none, none, none, NO)


# Link layer


def _link(block: Decoding, index: Ints, end: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the frames that may carry IP, where it begins, where the frame ends, and the EtherType."""
    frames, linktype = block.frames, block.frames.linktype
    at = frames.at[index]
    if linktype in FIXED_LINKS:
        return index, at, end, np.full(len(index), FIXED_LINKS[linktype])
    if linktype in RAW_LINKS:
        return _by_version(block, index, at + RAW_LINKS[linktype], end)
    if linktype not in TYPED_LINKS:
        block.odd[index] = True
        return index[:0], at[:0], end[:0], at[:0]
    skip, kind_at = TYPED_LINKS[linktype]
    index, at, end = _keep(block, at + skip <= end, index, at, end)
    kind = block.heads(at + kind_at, np.dtype([("kind", ">u2")]))["kind"].astype(np.int64)
    return _untag(block, index, at + skip, end, kind)


def _by_version(block: Decoding, index: Ints, at: Ints, end: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Neither version is no packet, and no fault."""
    index, at, end = _keep(block, at + 1 <= end, index, at, end)
    version = np.frombuffer(block.frames.data, dtype=np.uint8)[at] >> 4
    return index, at, end, np.where(version == 4, IPV4, np.where(version == 6, IPV6, 0xFFFF))


def _untag(block: Decoding, index: Ints, at: Ints, end: Ints, kind: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Step over VLAN tags. A type that some layer is known for is odd; one that none is known for is no packet."""
    for shift in (0, TAG_BITS):
        tagged = np.flatnonzero((kind == TAGS[0]) | (kind == TAGS[1]) | (kind == TAGS[2]))
        if not len(tagged):
            break
        is_whole = at[tagged] + 4 <= end[tagged]
        block.odd[index[tagged[~is_whole]]] = True
        kind[tagged[~is_whole]] = 0xFFFF
        tagged = tagged[is_whole]
        head = block.heads(at[tagged], TAG_HEAD)
        kind[tagged] = head["kind"]
        block.tags[index[tagged]] |= ((head["tag"].astype(np.int64) & 0xFFF) + 1) << shift
        at[tagged] += 4
    is_ip = (kind == IPV4) | (kind == IPV6)
    if not is_ip.all():
        others = np.flatnonzero(~is_ip)
        block.odd[index[others[KNOWN_ETHERTYPES[kind[others]]]]] = True
    return index, at, end, kind


def _keep(block: Decoding, good: Bools, *columns: Ints) -> tuple[Ints, ...]:
    """Keep what is good of all columns. The frames of the others, the first column, are odd."""
    if good.all():
        return columns
    block.odd[columns[0][~good]] = True
    return tuple(column[good] for column in columns)


# IP


def _network(
    block: Decoding, index: Ints, at: Ints, end: Ints, kind: Ints, version: int, addresses: Addresses
) -> list[Columns]:
    mine = kind == version
    if not mine.all():
        index, at, end = index[mine], at[mine], end[mine]
    if not len(index):
        return []
    read = _ipv4 if version == IPV4 else _ipv6
    index, at, end, stop, protocol, src, dst, *sums = read(block, index, at, end, addresses)
    spoken = SPOKEN[protocol]
    is_odd = (spoken == NO_PROTOCOL) & KNOWN_PROTOCOLS[protocol]
    block.odd[index[is_odd]] = True
    found = []
    for number, decode in ((TCP, _tcp), (UDP, _udp), (ICMP, _icmp)):
        chosen = np.flatnonzero(spoken == number)
        if len(chosen):
            ip = Ip(
                index[chosen],
                at[chosen],
                end[chosen],
                stop[chosen],
                protocol[chosen],
                src[chosen],
                dst[chosen],
                *(column[chosen] for column in sums),
            )
            found.append(decode(block, ip))
    return found


Network = tuple[Ints, ...]  # the fields of `Ip`


def _ipv4(block: Decoding, index: Ints, at: Ints, end: Ints, addresses: Addresses) -> Network:
    """RFC 791: version 4, a header of 20 bytes or more, no fragment, and a length that is set."""
    index, at, end = _keep(block, at + 20 <= end, index, at, end)
    head = block.heads(at, IPV4_HEAD)
    first = head["first"].astype(np.int64)
    size = (first & 15) << 2
    length = head["length"].astype(np.int64)
    good = (
        (first >> 4 == 4)
        & (size >= 20)
        & (length >= size)
        & (head["fragment"].astype(np.int64) & 0x3FFF == 0)
    )
    protocol = head["protocol"].astype(np.int64)
    src, dst = head["src"].astype(np.int64), head["dst"].astype(np.int64)
    is_bad = has_bad_heads(block.frames.data, at, size, head)
    return _keep(block, good, index, at + size, end, at + length, protocol, src, dst, src + dst, is_bad)


def _ipv6(block: Decoding, index: Ints, at: Ints, end: Ints, addresses: Addresses) -> Network:
    """RFC 8200: version 6, a length that is set, and no extension header."""
    index, at, end = _keep(block, at + 40 <= end, index, at, end)
    head = block.heads(at, IPV6_HEAD)
    protocol = head["following"].astype(np.int64)
    length = head["length"].astype(np.int64)
    good = (head["first"] >> 4 == 6) & (length > 0) & ~IPV6_EXTENSIONS[protocol]
    src, dst, is_sure = addresses.number6(head["src"], head["dst"])
    words = np.ascontiguousarray(head["src"]), np.ascontiguousarray(head["dst"])
    sums = sum(part.view(">u4").reshape(-1, 4).sum(axis=1, dtype=np.int64) for part in words)
    is_bad = np.zeros(len(index), dtype=np.int64)
    return _keep(
        block, good & is_sure, index, at + 40, end, at + 40 + length, protocol, src, dst, sums, is_bad
    )


# Transport


@dataclass(frozen=True, slots=True)
class Ip:
    """Packets of one transport protocol. `at` is where its header begins, `end` where the captured bytes of the
    frame end, `stop` where the packet ends by its own length. `sums` are the sums of both addresses' words, `is_bad`
    is 1 where the IP header's checksum is wrong."""

    index: Ints
    at: Ints
    end: Ints
    stop: Ints
    protocol: Ints
    src: Ints
    dst: Ints
    sums: Ints
    is_bad: Ints

    def kept(self, block: Decoding, good: Bools) -> Ip:
        return Ip(*_keep(block, good, *(getattr(self, name) for name in self.__slots__)))


class Segment(NamedTuple):
    """What only TCP has."""

    flags: NDArray[np.uint8]
    seq: Ints
    ack: Ints
    window: Ints


def _note_sums(block: Decoding, ip: Ip, stop: Ints, written: NDArray[np.uint16]) -> None:
    """Keep what `Decoding.is_bad` asks for. A part of a packet, and one without a checksum, cannot be summed up."""
    block.has_bad_head[ip.index] = ip.is_bad > 0
    is_summed = (stop <= ip.end) & (written != 0)
    pseudo = ip.sums + ip.protocol + stop - ip.at
    columns = ip.at, np.where(is_summed, stop, 0), pseudo, written
    for all_of_them, ours in zip(block.sums, columns, strict=True):
        all_of_them[ip.index] = ours


def _columns(
    block: Decoding,
    ip: Ip,
    protocol: int,
    ports: tuple[Ints, Ints],
    payload: tuple[Ints, Ints],
    segment: Segment,
) -> Columns:
    """Put the packets of one transport together. `payload` is where it begins, and where it ends by the headers."""
    begin, stop = payload
    return Columns(
        index=ip.index,
        time_ns=block.frames.time_ns[ip.index],
        number=block.frames.numbers[ip.index],
        tags=block.tags[ip.index],
        protocol=np.full(len(ip.index), protocol, dtype=np.uint8),
        src=ip.src << 16 | ports[0],
        dst=ip.dst << 16 | ports[1],
        payload_at=begin,
        payload_bytes=stop - begin,
        held=np.maximum(np.minimum(ip.end, stop) - begin, 0),
        flags=segment.flags,
        seq=segment.seq,
        ack=segment.ack,
        window=segment.window,
        is_bad=NO,
    )


def _tcp(block: Decoding, ip: Ip) -> Columns:
    """RFC 9293, 3.1. A SYN that is also a FIN or a RST is rare enough to be odd."""
    ip = ip.kept(block, (ip.at + 20 <= ip.end) & (ip.at + 20 <= ip.stop))
    head = block.heads(ip.at, TCP_HEAD)
    size = (head["offset"] >> 4).astype(np.int64) << 2
    flags = np.ascontiguousarray(head["flags"])
    good = (size >= 20) & (ip.at + size <= ip.stop)
    good &= (flags & SYN == 0) | (flags & (FIN | RST) == 0)
    if not good.all():
        ip, head, size, flags = ip.kept(block, good), head[good], size[good], flags[good]
    ports = head["sport"].astype(np.int64), head["dport"].astype(np.int64)
    numbers = [head[name].astype(np.int64) for name in ("seq", "ack", "window")]
    _note_sums(block, ip, ip.stop, head["checksum"])
    return _columns(block, ip, TCP, ports, (ip.at + size, ip.stop), Segment(flags, *numbers))


def _udp(block: Decoding, ip: Ip) -> Columns:
    """RFC 768. What may be a tunnel is odd: a port, or a payload that looks like GTP or Teredo, says so."""
    ip = ip.kept(block, (ip.at + 8 <= ip.end) & (ip.at + 8 <= ip.stop))
    head = block.heads(ip.at, UDP_HEAD)
    length = head["length"].astype(np.int64)
    sport, dport = head["sport"].astype(np.int64), head["dport"].astype(np.int64)
    stop = np.minimum(ip.stop, ip.at + length)
    good = (length >= 8) & ~TUNNEL_PORTS[sport] & ~TUNNEL_PORTS[dport]
    good[_looks_like_tunnel(block, ip.at + 8, np.minimum(ip.end, stop))] = False
    written = head["checksum"]
    if not good.all():
        ip, sport, dport, stop = ip.kept(block, good), sport[good], dport[good], stop[good]
        written = written[good]
    _note_sums(block, ip, stop, written)
    return _columns(block, ip, UDP, (sport, dport), (ip.at + 8, stop), _no_segment(len(ip.index)))


def _looks_like_tunnel(block: Decoding, begin: Ints, end: Ints) -> Ints:
    """Return which payloads pass the first tests of `tunnels.is_gtp_user` and `tunnels.is_teredo`."""
    held = end - begin
    large = np.flatnonzero(held >= 28)
    head = block.heads(
        begin[large], np.dtype([("first", "u1"), ("kind", "u1"), ("gtp", ">u2"), ("teredo", ">u2")])
    )
    held = held[large]
    is_gtp = (head["first"] & 0xF0 == 0x30) & (head["kind"] == 0xFF) & (head["gtp"] == held - 8)
    is_teredo = (head["first"] >> 4 == 6) & (head["teredo"] == held - 40)
    found: Ints = large[is_gtp | is_teredo]
    return found


def _icmp(block: Decoding, ip: Ip) -> Columns:
    """RFC 792 and RFC 4443: the ports are the type, and the type that answers it, else the code."""
    ip = ip.kept(block, (ip.at + 8 <= ip.end) & (ip.at + 8 <= ip.stop))
    data = np.frombuffer(block.frames.data, dtype=np.uint8)
    family = (ip.protocol == IP_ICMP6).astype(np.int64)
    kind, code = data[ip.at].astype(np.int64), data[ip.at + 1].astype(np.int64)
    good = ~IS_ERROR[family, kind]
    if not good.all():
        ip, family, kind, code = ip.kept(block, good), family[good], kind[good], code[good]
    answer = ANSWER[family, kind]
    ports = kind, np.where(answer < 0, code, answer)
    return _columns(block, ip, ICMP, ports, (ip.at + 8, ip.stop), _no_segment(len(ip.index)))


def _no_segment(count: int) -> Segment:
    none = np.zeros(count, dtype=np.int64)
    return Segment(np.zeros(count, dtype=np.uint8), none, none, none)

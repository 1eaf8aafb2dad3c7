"""TCP, UDP and ICMP: the headers that make a packet of a conversation."""

from __future__ import annotations

import struct

from ..types import Endpoint, Packet, Protocol, QuotedPacket, TcpFlags
from .checksums import has_bad_checksum
from .layers import UDP_TUNNELS, Frame, IpHeader, Layer, ip_protocol
from .network import read_ip
from .tunnels import gtp_user, is_gtp_user, is_teredo, teredo

TCP_HEADER = struct.Struct(">HHIIBBH")
UDP_HEADER = struct.Struct(">HHH")
FLAGS = tuple(TcpFlags(value) for value in range(256))
TCP, ICMP4, ICMP6 = 6, 1, 58
QUOTED_BYTES = 128
# The type that answers a type, both ways (RFC 792, 950, 1256; RFC 4443, 2710, 4861, 4620).
COUNTERPARTS = {
    (ICMP4, 8): 0, (ICMP4, 0): 8, (ICMP4, 13): 14, (ICMP4, 14): 13, (ICMP4, 15): 16, (ICMP4, 16): 15,
    (ICMP4, 17): 18, (ICMP4, 18): 17, (ICMP4, 10): 9, (ICMP4, 9): 10,
    (ICMP6, 128): 129, (ICMP6, 129): 128, (ICMP6, 133): 134, (ICMP6, 134): 133, (ICMP6, 135): 136,
    (ICMP6, 136): 135, (ICMP6, 130): 131, (ICMP6, 131): 130, (ICMP6, 139): 140, (ICMP6, 140): 139,
    (ICMP6, 144): 145, (ICMP6, 145): 144,
}  # fmt: skip
# Messages that quote the packet which caused them.
ERRORS = {ICMP4: frozenset({3, 4, 5, 11, 12}), ICMP6: frozenset({1, 2, 3, 4})}
PROTOCOLS = {6: Protocol.TCP, 17: Protocol.UDP, ICMP4: Protocol.ICMP, ICMP6: Protocol.ICMP}


@ip_protocol(6)
def tcp(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 9293, 3.1."""
    sport, dport, seq, ack, offset, flags, window = TCP_HEADER.unpack_from(data, ip.at)
    start = ip.at + 4 * (offset >> 4)
    frame.packets.append(
        Packet(
            location=frame.location,
            time_ns=frame.time_ns,
            protocol=Protocol.TCP,
            src=Endpoint(ip.src, sport),
            dst=Endpoint(ip.dst, dport),
            wire_bytes=frame.wire_bytes,
            ip_bytes=ip.ip_bytes,
            payload=data[start:end],
            payload_bytes=max(0, ip.end - start),
            flags=FLAGS[flags],
            seq=seq,
            ack=ack,
            window=window,
            ttl=ip.ttl,
            layers=frame.layers,
            has_bad_checksum=has_bad_checksum(data, ip, end),
        )
    )


@ip_protocol(17)
def udp(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    """RFC 768. The packet itself, and what it carries when it is a tunnel."""
    sport, dport, length = UDP_HEADER.unpack_from(data, ip.at)
    start = ip.at + 8
    stop = min(ip.end, ip.at + length) if length >= 8 else ip.end
    is_bad = has_bad_checksum(data, ip._replace(end=stop), end)
    end = min(end, stop)
    frame.packets.append(
        Packet(
            location=frame.location,
            time_ns=frame.time_ns,
            protocol=Protocol.UDP,
            src=Endpoint(ip.src, sport),
            dst=Endpoint(ip.dst, dport),
            wire_bytes=frame.wire_bytes,
            ip_bytes=ip.ip_bytes,
            payload=data[start:end],
            payload_bytes=max(0, stop - start),
            ttl=ip.ttl,
            layers=frame.layers,
            has_bad_checksum=is_bad,
        )
    )
    tunnel = UDP_TUNNELS.get(dport) or UDP_TUNNELS.get(sport)
    if tunnel is None:
        tunnel = (
            gtp_user if is_gtp_user(data, start, end) else teredo if is_teredo(data, start, end) else None
        )
    if tunnel is not None:
        _look_inside(frame, tunnel, data, start, end)


def _look_inside(frame: Frame, tunnel: Layer, data: bytes, at: int, end: int) -> None:
    """Peel a tunnel that only a port or a pattern suggests: when it is none, nothing of the attempt stays."""
    layers, fault, known = frame.layers, frame.fault, len(frame.packets)
    try:
        tunnel(frame, data, at, end)
    except (IndexError, struct.error):
        frame.fault = "cut"
    if frame.fault != fault:
        del frame.packets[known:]
    frame.layers, frame.fault = layers, fault


@ip_protocol(ICMP4)
def icmp4(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    _icmp(frame, data, ip, end, ICMP4)


@ip_protocol(ICMP6)
def icmp6(frame: Frame, data: bytes, ip: IpHeader, end: int) -> None:
    _icmp(frame, data, ip, end, ICMP6)


def _icmp(frame: Frame, data: bytes, ip: IpHeader, end: int, family: int) -> None:
    """RFC 792 and RFC 4443. Ports as Zeek prints them: the type, and the type that answers it (else the code)."""
    kind, code = data[ip.at], data[ip.at + 1]
    start = ip.at + 8
    frame.packets.append(
        Packet(
            location=frame.location,
            time_ns=frame.time_ns,
            protocol=Protocol.ICMP,
            src=Endpoint(ip.src, kind),
            dst=Endpoint(ip.dst, COUNTERPARTS.get((family, kind), code)),
            wire_bytes=frame.wire_bytes,
            ip_bytes=ip.ip_bytes,
            payload=data[start:end],
            payload_bytes=max(0, ip.end - start),
            ttl=ip.ttl,
            icmp_type=kind,
            icmp_code=code,
            quoted=_quoted(data, start, end) if kind in ERRORS[family] else None,
            layers=frame.layers,
            has_bad_checksum=has_bad_checksum(data, ip, end),
        )
    )


def _quoted(data: bytes, at: int, end: int) -> QuotedPacket | None:
    """The packet inside an ICMP error: its IP header and eight bytes (RFC 792) or more (RFC 4443); of less than
    the two ports nothing can be told."""
    try:
        ip = read_ip(data, at, end)
        if ip is None or ip.protocol not in PROTOCOLS or ip.at + 4 > end:
            return None
        if ip.fragment is not None and ip.fragment.offset:
            return None
        if ip.protocol in ERRORS:
            kind, code = data[ip.at], data[ip.at + 1]
            ports = (kind, COUNTERPARTS.get((ip.protocol, kind), code))
        else:
            ports = struct.unpack_from(">HH", data, ip.at)
    except (IndexError, struct.error):
        return None
    flags, header = _quoted_header(data, ip, end)
    start = min(ip.at + header, end)
    return QuotedPacket(
        protocol=PROTOCOLS[ip.protocol],
        src=Endpoint(ip.src, ports[0]),
        dst=Endpoint(ip.dst, ports[1]),
        flags=flags,
        payload=data[start : min(end, ip.end, start + QUOTED_BYTES)],
        payload_bytes=max(0, ip.end - ip.at - header),
    )


def _quoted_header(data: bytes, ip: IpHeader, end: int) -> tuple[TcpFlags | None, int]:
    """Return the flags that were quoted and the length of the header: TCP's as far as the quote reaches."""
    if ip.protocol != TCP:
        return None, 8
    if ip.at + 14 > end:
        return None, 20
    return FLAGS[data[ip.at + 13]], 4 * (data[ip.at + 12] >> 4)

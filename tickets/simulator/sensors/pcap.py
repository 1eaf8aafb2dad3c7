"""The capture file: classic pcap, microseconds, Ethernet, with every checksum right."""

from __future__ import annotations

import struct

from tickets.engine.types import Protocol
from tickets.simulator.addresses import pack_ip
from tickets.simulator.network import SeenPacket, SentPacket, Tap
from tickets.simulator.recording import Recording

SNAP_BYTES = 262_144
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP_BYTES, 1)
TCP, UDP, ICMP4, ICMP6 = 6, 17, 1, 58
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP4: 2, ICMP6: 2}


def write_capture(*recordings: Recording) -> bytes:
    """The packets in the order in which they passed the taps. Several recordings make the capture of one sensor
    that listens to several taps."""
    seen = [
        (packet.time_ns, packet, recording.tap) for recording in recordings for packet in recording.packets
    ]
    seen.sort(key=lambda item: item[0])
    return FILE_HEADER + b"".join(_write_record(packet, tap) for _, packet, tap in seen)


def _write_record(seen: SeenPacket, tap: Tap) -> bytes:
    frame = _encode_frame(seen, tap)
    seconds, micros = divmod(seen.time_ns // 1_000, 1_000_000)
    return struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame


def _encode_frame(seen: SeenPacket, tap: Tap) -> bytes:
    packet = seen.packet
    if packet.copies > 1:
        raise ValueError("A transfer told in bulk cannot be captured: let the tap be blind for it.")
    src_mac, dst_mac = tap.macs_of(packet)
    kind = b"\x86\xdd" if packet.is_ipv6 else b"\x08\x00"
    tag = b"" if tap.vlan is None else b"\x81\x00" + tap.vlan.to_bytes(2, "big")  # IEEE 802.1Q
    frame = dst_mac + src_mac + tag + kind + encode_ip(packet, seen.ttl)
    return frame.ljust(tap.frame_bytes(packet), b"\x00")


def encode_ip(packet: SentPacket, ttl: int) -> bytes:
    """An IPv4 (RFC 791) or IPv6 (RFC 8200) packet with its TCP segment, UDP datagram or ICMP message."""
    src, dst = pack_ip(packet.src.host.ip), pack_ip(packet.dst.host.ip)
    number = _number(packet)
    body = _ENCODERS[packet.protocol](packet)
    at = CHECKSUM_AT[number]
    total = _checksum(_pseudo_header(src, dst, number, len(body)) + body)
    if packet.protocol is Protocol.UDP and total == b"\x00\x00":
        total = b"\xff\xff"  # a UDP checksum of zero would mean that there is none (RFC 768)
    return _ip_header(packet, ttl, src + dst) + body[:at] + total + body[at + 2 :]


def _number(packet: SentPacket) -> int:
    if packet.protocol is Protocol.ICMP:
        return ICMP6 if packet.is_ipv6 else ICMP4
    return TCP if packet.protocol is Protocol.TCP else UDP


def _ip_header(packet: SentPacket, ttl: int, addresses: bytes) -> bytes:
    number = _number(packet)
    if packet.is_ipv6:
        label = 0x60000000 | packet.ip_id  # a flow label in place of an identification
        return struct.pack("!IHBB", label, packet.ip_bytes - 40, number, ttl) + addresses
    fragment = 0x4000 if packet.dont_fragment else 0
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, packet.ip_bytes, packet.ip_id, fragment, ttl, number, 0) + addresses
    )
    return head[:10] + _checksum(head) + head[12:]


def _pseudo_header(src: bytes, dst: bytes, number: int, length: int) -> bytes:
    """RFC 9293, 3.1 and RFC 8200, 8.1; ICMP has one with IPv6 only (RFC 4443, 2.3)."""
    return b"" if number == ICMP4 else src + dst + struct.pack("!II", length, number)


def _encode_tcp(packet: SentPacket) -> bytes:
    words = 5 + len(packet.options) // 4
    ports = (packet.src.port, packet.dst.port)
    fields = (packet.seq, packet.ack, words << 4, int(packet.flags), packet.window, 0, 0)
    return struct.pack("!HHIIBBHHH", *ports, *fields) + packet.options + packet.payload


def _encode_udp(packet: SentPacket) -> bytes:
    head = struct.pack("!HHHH", packet.src.port, packet.dst.port, 8 + len(packet.payload), 0)
    return head + packet.payload


def _encode_icmp(packet: SentPacket) -> bytes:
    quoted = packet.quoted
    body = packet.payload if quoted is None else encode_ip(quoted.packet, quoted.ttl)[: quoted.length]
    return bytes([packet.icmp_type, packet.icmp_code, 0, 0]) + packet.icmp_rest + body


_ENCODERS = {Protocol.TCP: _encode_tcp, Protocol.UDP: _encode_udp, Protocol.ICMP: _encode_icmp}


def _checksum(data: bytes) -> bytes:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\x00"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")

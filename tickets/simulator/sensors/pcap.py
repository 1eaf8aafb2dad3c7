"""The capture file: classic pcap, microseconds, Ethernet, with every checksum right."""

from __future__ import annotations

import struct

from tickets.engine.types import Protocol
from tickets.simulator.network import SeenPacket, SentPacket, Tap
from tickets.simulator.recording import Recording

SNAP_BYTES = 262_144
NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17}
FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAP_BYTES, 1)


def write_capture(recording: Recording) -> bytes:
    """The packets of a recording in the order in which they passed the tap."""
    return FILE_HEADER + b"".join(_write_record(seen, recording.tap) for seen in recording.packets)


def _write_record(seen: SeenPacket, tap: Tap) -> bytes:
    packet = seen.packet
    frame = (
        tap.mac_of(packet.dst.host) + tap.mac_of(packet.src.host) + b"\x08\x00" + encode_ip(packet, seen.ttl)
    )
    frame = frame.ljust(tap.frame_bytes(packet), b"\x00")
    seconds, micros = divmod(seen.time_ns // 1_000, 1_000_000)
    return struct.pack("<IIII", seconds, micros, len(frame), len(frame)) + frame


def encode_ip(packet: SentPacket, ttl: int) -> bytes:
    """An IPv4 packet (RFC 791) with its TCP segment or UDP datagram."""
    src, dst = (_ip_bytes(end.host.ip) for end in (packet.src, packet.dst))
    fragment = 0x4000 if packet.dont_fragment else 0
    number = NUMBERS[packet.protocol]
    head = (
        struct.pack("!BBHHHBBH", 0x45, 0, packet.ip_bytes, packet.ip_id, fragment, ttl, number, 0) + src + dst
    )
    head = head[:10] + _checksum(head) + head[12:]
    body = _encode_tcp(packet) if packet.protocol is Protocol.TCP else _encode_udp(packet)
    at = 16 if packet.protocol is Protocol.TCP else 6
    total = _checksum(src + dst + struct.pack("!HH", number, len(body)) + body)
    if packet.protocol is Protocol.UDP and total == b"\x00\x00":
        total = b"\xff\xff"  # a UDP checksum of zero would mean that there is none (RFC 768)
    return head + body[:at] + total + body[at + 2 :]


def _encode_tcp(packet: SentPacket) -> bytes:
    words = 5 + len(packet.options) // 4
    ports = (packet.src.port, packet.dst.port)
    fields = (packet.seq, packet.ack, words << 4, int(packet.flags), packet.window, 0, 0)
    return struct.pack("!HHIIBBHHH", *ports, *fields) + packet.options + packet.payload


def _encode_udp(packet: SentPacket) -> bytes:
    head = struct.pack("!HHHH", packet.src.port, packet.dst.port, 8 + len(packet.payload), 0)
    return head + packet.payload


def _ip_bytes(ip: str) -> bytes:
    return bytes(int(part) for part in ip.split("."))


def _checksum(data: bytes) -> bytes:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\x00"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF).to_bytes(2, "big")

"""Captures taken apart and put together again: what a fault does to a packet, its checksums follow, or not."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

HEADER_BYTES, RECORD_BYTES = 24, 16
ETHERNET, IP = 14, 20


@dataclass(frozen=True)
class Frame:
    """One frame of IPv4 in Ethernet, and its time in microseconds."""

    time_us: int
    data: bytes

    @property
    def protocol(self) -> int:
        return self.data[ETHERNET + 9]

    @property
    def ports(self) -> tuple[int, int]:
        sport, dport = struct.unpack_from("!HH", self.data, ETHERNET + IP)
        return int(sport), int(dport)

    @property
    def flags(self) -> int:
        return self.data[ETHERNET + IP + 13] if self.protocol == 6 else 0

    def at(self, time_us: int) -> Frame:
        return replace(self, time_us=time_us)

    def put(self, layout: str, offset: int, *values: int, mends: bool = True) -> Frame:
        """The frame with values written at an offset into the IP packet, checksums mended."""
        data = bytearray(self.data)
        struct.pack_into(layout, data, ETHERNET + offset, *values)
        return replace(self, data=_mend(data) if mends else bytes(data))

    def swap(self, old: bytes, new: bytes) -> Frame:
        assert len(old) == len(new)
        assert old in self.data
        return replace(self, data=_mend(bytearray(self.data.replace(old, new))))


def open_capture(data: bytes) -> tuple[bytes, list[Frame]]:
    """The header, and the frames."""
    at, frames = HEADER_BYTES, []
    while at < len(data):
        seconds, micros, length, _ = struct.unpack_from("<IIII", data, at)
        frames.append(
            Frame(seconds * 1_000_000 + micros, data[at + RECORD_BYTES : at + RECORD_BYTES + length])
        )
        at += RECORD_BYTES + length
    return data[:HEADER_BYTES], frames


def close_capture(header: bytes, frames: list[Frame]) -> bytes:
    records = [
        struct.pack("<IIII", *divmod(frame.time_us, 1_000_000), len(frame.data), len(frame.data)) + frame.data
        for frame in frames
    ]
    return header + b"".join(records)


def _mend(frame: bytearray) -> bytes:
    """Checksums of IPv4 and of TCP or UDP (RFC 791, RFC 9293, RFC 768)."""
    total = int.from_bytes(frame[16:18], "big")
    struct.pack_into("!H", frame, ETHERNET + 10, 0)
    struct.pack_into("!H", frame, ETHERNET + 10, _sum(bytes(frame[ETHERNET : ETHERNET + IP])))
    body = ETHERNET + IP
    place = body + (16 if frame[ETHERNET + 9] == 6 else 6)
    struct.pack_into("!H", frame, place, 0)
    segment = bytes(frame[body : ETHERNET + total])
    pseudo = bytes(frame[26:34]) + bytes([0, frame[ETHERNET + 9]]) + len(segment).to_bytes(2, "big")
    struct.pack_into("!H", frame, place, _sum(pseudo + segment))
    return bytes(frame)


def _sum(data: bytes) -> int:
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)

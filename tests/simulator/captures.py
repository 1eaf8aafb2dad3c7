"""A second, smaller reader of captures for the tests: it shares no line with the simulator or the engine."""

from __future__ import annotations

import struct
from dataclasses import dataclass

SYN, FIN, RST, ACK = 2, 1, 4, 16
End = tuple[str, int]


@dataclass(frozen=True)
class Seen:
    """One frame: when (microseconds), between whom, and what the headers say."""

    time_us: int
    src: End
    dst: End
    protocol: int
    frame_bytes: int
    ip_bytes: int
    payload: bytes
    ttl: int
    seq: int
    ack: int
    flags: int
    options: bytes
    checksums_hold: bool


def read_capture(data: bytes) -> list[Seen]:
    magic, major, minor, _, _, snap, link = struct.unpack("<IHHiIII", data[:24])
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1)
    at, found = 24, []
    while at < len(data):
        seconds, micros, captured, length = struct.unpack("<IIII", data[at : at + 16])
        frame = data[at + 16 : at + 16 + captured]
        assert captured == length == len(frame) <= snap
        found.append(_read_frame(seconds * 1_000_000 + micros, frame))
        at += 16 + captured
    return found


def _read_frame(time_us: int, frame: bytes) -> Seen:
    assert frame[12:14] == b"\x08\x00"
    assert frame[14] == 0x45
    total = int.from_bytes(frame[16:18], "big")
    packet = frame[14 : 14 + total]
    assert set(frame[14 + total :]) <= {0}, "padding is zeros"
    head, body, protocol = packet[:20], packet[20:], packet[9]
    sport, dport = struct.unpack("!HH", body[:4])
    seq = ack = flags = 0
    options, payload = b"", body[8:]
    if protocol == 6:
        seq, ack = struct.unpack("!II", body[4:12])
        offset, flags = body[12] >> 4 << 2, body[13]
        options, payload = body[20:offset], body[offset:]
    pseudo = head[12:20] + bytes([0, protocol]) + len(body).to_bytes(2, "big")
    return Seen(
        time_us=time_us,
        src=(".".join(map(str, head[12:16])), sport),
        dst=(".".join(map(str, head[16:20])), dport),
        protocol=protocol,
        frame_bytes=len(frame),
        ip_bytes=total,
        payload=payload,
        ttl=head[8],
        seq=seq,
        ack=ack,
        flags=flags,
        options=options,
        checksums_hold=_adds_up(head) and _adds_up(pseudo + body),
    )


def _adds_up(data: bytes) -> bool:
    """The words of a block with its checksum add up to all ones (RFC 1071)."""
    data += b"\x00" * (len(data) % 2)
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def conversations(packets: list[Seen]) -> dict[frozenset[End], list[Seen]]:
    """Packets by the pair of their ends, in order of time."""
    found: dict[frozenset[End], list[Seen]] = {}
    for packet in packets:
        found.setdefault(frozenset((packet.src, packet.dst)), []).append(packet)
    return found

"""A small language for traffic: a dialogue in the order that its packets pass, and captures made of it.

tcp("10.0.0.1:3932", "203.0.113.80:80").syn().syn_ack().ack().says(b"GET / HTTP/1.1").packets
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple, Self

from tickets.engine.types import Conversation, Endpoint, Packet

NOON = 1_767_614_400  # 2026-01-05 12:00:00 UTC
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}


class Frame(NamedTuple):
    """One IP packet and when it passed, in microseconds since NOON."""

    at_us: int
    data: bytes


def endpoint(text: str) -> Endpoint:
    """Return `10.0.0.1:80` or `[2001:db8::1]:80` as an endpoint."""
    ip, _, port = text.rpartition(":")
    return Endpoint(str(ip_address(ip.strip("[]"))), int(port))


class Dialogue:
    """Packets between a client and a server. Each word sends one packet, a millisecond after the last."""

    def __init__(self, client: str, server: str, at_us: int = 0) -> None:
        self.client, self.server = endpoint(client), endpoint(server)
        self.now_us = at_us
        self.frames: list[Frame] = []

    def wait(self, seconds: float) -> Self:
        self.now_us += int(seconds * 1_000_000)
        return self

    def send(self, protocol: int, body: bytes, *, from_server: bool = False) -> Self:
        src, dst = (self.server.ip, self.client.ip) if from_server else (self.client.ip, self.server.ip)
        self.frames.append(Frame(self.now_us, ip_packet(protocol, src, dst, body)))
        self.now_us += 1000
        return self

    def cut(self, *numbers: int) -> Self:
        """Leave out packets by number, from 1."""
        self.frames = [frame for number, frame in enumerate(self.frames, start=1) if number not in numbers]
        return self

    def only(self, side: str) -> Self:
        """Keep what one side sent, as a sensor on a one-way link would."""
        wanted = packed(getattr(self, side).ip)
        self.frames = [frame for frame in self.frames if source_of(frame.data) == wanted]
        return self


class Tcp(Dialogue):
    def __init__(self, client: str, server: str, at_us: int = 0, isn: int = 1000) -> None:
        super().__init__(client, server, at_us)
        self.next = {False: isn, True: (isn + 4000) & 0xFFFFFFFF}

    def segment(
        self, flags: int, payload: bytes = b"", *, from_server: bool = False, ack: int | None = None
    ) -> Self:
        src, dst = (self.server, self.client) if from_server else (self.client, self.server)
        acknowledged = (self.next[not from_server] if ack is None else ack) if flags & ACK else 0
        header = struct.pack(
            ">HHIIBBHHH", src.port, dst.port, self.next[from_server], acknowledged, 5 << 4, flags, 64240, 0, 0
        )
        following = self.next[from_server] + len(payload) + bool(flags & (SYN | FIN))
        self.next[from_server] = following & 0xFFFFFFFF
        return self.send(TCP, header + payload, from_server=from_server)

    def syn(self, *, from_server: bool = False) -> Self:
        return self.segment(SYN, from_server=from_server)

    def syn_ack(self) -> Self:
        return self.segment(SYN | ACK, from_server=True)

    def ack(self, *, from_server: bool = False) -> Self:
        return self.segment(ACK, from_server=from_server)

    def says(self, text: bytes) -> Self:
        return self.segment(PSH | ACK, text)

    def answers(self, text: bytes) -> Self:
        return self.segment(PSH | ACK, text, from_server=True)

    def fin(self, *, from_server: bool = False) -> Self:
        return self.segment(FIN | ACK, from_server=from_server)

    def reset(self) -> Self:
        """The server resets in answer to the client's SYN: number 0, acknowledging (RFC 9293, 3.10.7.1)."""
        self.next[True] = 0
        return self.segment(RST | ACK, from_server=True)

    def handshake(self) -> Self:
        return self.syn().syn_ack().ack()

    def close(self) -> Self:
        return self.fin().fin(from_server=True).ack()


class Udp(Dialogue):
    def says(self, data: bytes) -> Self:
        return self.send(UDP, datagram(self.client.port, self.server.port, data))

    def answers(self, data: bytes) -> Self:
        return self.send(UDP, datagram(self.server.port, self.client.port, data), from_server=True)


class Icmp(Dialogue):
    """ICMP between two hosts; ports in the endpoints are not used."""

    def message(self, kind: int, code: int = 0, body: bytes = b"", *, from_server: bool = False) -> Self:
        protocol = ICMP6 if ":" in self.client.ip else ICMP
        return self.send(protocol, struct.pack(">BBHI", kind, code, 0, 0) + body, from_server=from_server)


def tcp(client: str, server: str, at_us: int = 0, isn: int = 1000) -> Tcp:
    return Tcp(client, server, at_us, isn)


def udp(client: str, server: str, at_us: int = 0) -> Udp:
    return Udp(client, server, at_us)


def icmp(client: str, server: str, at_us: int = 0) -> Icmp:
    return Icmp(client + ":0", server + ":0", at_us)


def datagram(sport: int, dport: int, data: bytes) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


def ip_packet(protocol: int, src: str, dst: str, body: bytes) -> bytes:
    source, target = packed(src), packed(dst)
    if len(source) == 16:
        return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + source + target + body
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0)
    return head + source + target + body


def add_up(data: bytes) -> int:
    """RFC 1071, as its text has it: words, added with the carry brought round."""
    padded = data + bytes(len(data) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def summed(packet: bytes) -> bytes:
    """Return a packet with its checksums as they should be."""
    is_v4 = packet[0] >> 4 == 4
    head, body = (packet[:20], packet[20:]) if is_v4 else (packet[:40], packet[40:])
    protocol = head[9] if is_v4 else head[6]
    addresses = head[12:20] if is_v4 else head[8:40]
    pseudo = b"" if protocol == 1 else addresses + struct.pack(">II", len(body), protocol)
    at = CHECKSUM_AT[protocol]
    blank = body[:at] + b"\0\0" + body[at + 2 :]
    if is_v4:
        head = head[:10] + struct.pack(">H", add_up(head[:10] + b"\0\0" + head[12:])) + head[12:]
    return head + blank[:at] + struct.pack(">H", add_up(pseudo + blank) or 0xFFFF) + blank[at + 2 :]


def in_fragments(packet: bytes, *sizes: int, ident: int = 77) -> list[bytes]:
    """Cut an IP packet into fragments; all sizes but the last must be divisible by eight."""
    is_v4 = packet[0] >> 4 == 4
    head, body = (packet[:20], packet[20:]) if is_v4 else (packet[:40], packet[40:])
    assert sum(sizes) == len(body)
    found, offset = [], 0
    for size in sizes:
        more = offset + size < len(body)
        part = body[offset : offset + size]
        if is_v4:
            word = offset // 8 | (0x2000 if more else 0)
            start = head[:2] + struct.pack(">HHH", 20 + size, ident, word) + head[8:]
        else:
            extension = struct.pack(">BBHI", head[6], 0, offset | more, ident)
            start = head[:4] + struct.pack(">HBB", 8 + size, 44, 64) + head[8:] + extension
        found.append(start + part)
        offset += size
    return found


def packed(ip: str) -> bytes:
    return ip_address(ip).packed


def source_of(packet: bytes) -> bytes:
    return packet[12:16] if packet[0] >> 4 == 4 else packet[8:24]


def ethernet(packet: bytes) -> bytes:
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    return bytes(12) + kind.to_bytes(2, "big") + packet


def frames_of(*parts: Dialogue | Iterable[Frame]) -> list[Frame]:
    """Return all packets in the order of time; equal times keep the order of the arguments."""
    lists = [part.frames if isinstance(part, Dialogue) else list(part) for part in parts]
    return sorted((frame for frames in lists for frame in frames), key=lambda frame: frame.at_us)


def pcap(
    *parts: Dialogue | Iterable[Frame], order: str = "<", nano: bool = False, linktype: int = 1
) -> bytes:
    """Write a classic pcap of what the parts sent. Link type 1 gets an Ethernet header, others none."""
    unit_ns = 1 if nano else 1000
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)]
    for frame in frames_of(*parts):
        data = ethernet(frame.data) if linktype == 1 else frame.data
        seconds, rest = divmod(frame.at_us, 1_000_000)
        head = struct.pack(order + "IIII", NOON + seconds, rest * 1000 // unit_ns, len(data), len(data))
        out.append(head + data)
    return b"".join(out)


def pcapng(*parts: Dialogue | Iterable[Frame], order: str = "<", options: bytes = b"") -> bytes:
    """Write one section with one Ethernet interface; `options` are the interface's."""
    out = [
        block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(order, 1, struct.pack(order + "HHI", 1, 0, 262144) + options),
    ]
    for frame in frames_of(*parts):
        data = ethernet(frame.data)
        ticks = NOON * 1_000_000 + frame.at_us
        head = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
        out.append(block(order, 6, head + data))
    return b"".join(out)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def packets(*parts: Dialogue | Iterable[Frame]) -> list[Packet]:
    """Return what the reader makes of the parts."""
    from tickets.engine.readers import read_evidence

    reading = read_evidence("capture.pcap", pcap(*parts))
    found = [record for record in reading.records if isinstance(record, Packet)]
    assert not reading.problems
    return found


def conversations(*parts: Dialogue | Iterable[Frame]) -> list[Conversation]:
    from tickets.engine.conversations import converse

    return converse(packets(*parts))


def conversation(*parts: Dialogue | Iterable[Frame]) -> Conversation:
    """Return the only conversation of the parts."""
    (found,) = conversations(*parts)
    return found


def rules(found: Conversation, claim: str = "originator") -> list[str]:
    """Return the rules that support a claim, strongest first; those against it with a minus."""
    mine = [finding for finding in found.findings if finding.claim == claim]
    return [finding.rule if finding.supports else "-" + finding.rule for finding in mine]

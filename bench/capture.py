"""Writes a large capture of ordinary traffic, the same bytes for the same numbers.

Clients of one network talk with servers of another, some of it fails, and the packets of all
conversations are woven together in order of time, as on a busy link. Addresses are RFC 1918 and those
kept for documentation.
"""

from __future__ import annotations

import heapq
import struct
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import BinaryIO, NamedTuple

START_S = 1_767_614_400  # 2026-01-05 12:00:00 UTC
SPAN_US = 1800 * 1_000_000
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMP: 2, ICMP6: 2}
OPENING_OPTIONS = bytes.fromhex("020405b40402080a000000010000000001030307")
USUAL_OPTIONS = bytes.fromhex("0101080a0000000100000001")
IPV6_SHARE, VLAN_SHARE = 0.12, 0.05
HELLO = b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03"
SERVER_HELLO = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"
SEALED = b"\x17\x03\x03"


class Sent(NamedTuple):
    """One packet of a conversation: when, by whom, and what stands behind the IP header."""

    time_us: int
    from_server: bool
    protocol: int
    body: bytes


class Ends(NamedTuple):
    """Who talks with whom, and the Ethernet header's end: a tag for some, then the type."""

    client: bytes
    server: bytes
    link: bytes
    sport: int
    dport: int


class Talk:
    """A TCP conversation being written: each word gives one packet, a little later than the last."""

    def __init__(self, chance: Random, ends: Ends, time_us: int) -> None:
        self.chance, self.ends, self.now_us = chance, ends, time_us
        self.numbers = [chance.getrandbits(32), chance.getrandbits(32)]

    def segment(self, flags: int, data: bytes = b"", *, by: int = 0, number: int | None = None) -> Sent:
        self.now_us += self.chance.randrange(50, 30_000)
        ports = (self.ends.sport, self.ends.dport) if by == 0 else (self.ends.dport, self.ends.sport)
        options = OPENING_OPTIONS if flags & SYN else USUAL_OPTIONS if not flags & RST else b""
        seq = self.numbers[by] if number is None else number
        ack = self.numbers[1 - by] if flags & ACK else 0
        head = struct.pack(">HHIIBBHHH", *ports, seq, ack, (5 + len(options) // 4) << 4, flags, 64240, 0, 0)
        self.numbers[by] = (self.numbers[by] + len(data) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        return Sent(self.now_us, by == 1, TCP, head + options + data)

    def handshake(self) -> Iterator[Sent]:
        yield self.segment(SYN)
        yield self.segment(SYN | ACK, by=1)
        yield self.segment(ACK)

    def close(self) -> Iterator[Sent]:
        yield self.segment(FIN | ACK)
        yield self.segment(FIN | ACK, by=1)
        yield self.segment(ACK)


class Writer:
    """The conversations of one capture, drawn by chance from the kinds below."""

    def __init__(self, seed: int, mean_segments: float) -> None:
        self.chance = Random(seed)
        self.mean_segments = mean_segments
        self.noise = self.chance.randbytes(1 << 18)
        self.servers = [
            _addresses(4, "203.0.113.0", 200),
            _addresses(16, "2001:db8:5::", 200),
        ]
        self.clients = [_addresses(4, "10.20.0.0", 6000), _addresses(16, "2001:db8:20::", 2000)]
        self.ports: dict[bytes, int] = {}

    def ends(self, dport: int, *, group: bytes | None = None) -> Ends:
        family = int(self.chance.random() < IPV6_SHARE) if group is None else int(len(group) == 16)
        client, server = self.chance.choice(self.clients[family]), self.chance.choice(self.servers[family])
        kind = b"\x86\xdd" if family else b"\x08\x00"
        link = b"\x81\x00\x00\x14" + kind if self.chance.random() < VLAN_SHARE else kind
        port = self.ports[client] = self.ports.get(client, 32768 + self.chance.randrange(9000)) + 1
        return Ends(client, group or server, link, port, dport)

    def some(self, low: int, high: int) -> bytes:
        """Bytes as unlike each other as sealed data."""
        size = self.chance.randrange(low, high)
        at = self.chance.randrange(len(self.noise) - size)
        return self.noise[at : at + size]

    # TCP

    def web(self, time_us: int, *, ends: Ends | None = None, cut: int = 0) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, ends or self.ends(80), time_us)
        return talk.ends, _after(cut, self._web(talk))

    def _web(self, talk: Talk) -> Iterator[Sent]:
        yield from talk.handshake()
        yield talk.segment(
            PSH | ACK,
            b"GET /item/%d HTTP/1.1\r\nHost: www.example.org\r\n\r\n" % self.chance.randrange(10**6),
        )
        yield talk.segment(PSH | ACK, b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n" + self.some(200, 1000), by=1)
        yield from self.stream(talk, b"")
        yield from talk.close()

    def sealed(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, self.ends(443), time_us)
        return talk.ends, self._sealed(talk)

    def _sealed(self, talk: Talk) -> Iterator[Sent]:
        yield from talk.handshake()
        yield talk.segment(PSH | ACK, HELLO + self.some(195, 196))
        yield talk.segment(PSH | ACK, SERVER_HELLO + self.some(900, 1300), by=1)
        yield from self.stream(talk, SEALED)
        yield from talk.close()

    def mail(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, self.ends(25), time_us)
        return talk.ends, self._mail(talk)

    def _mail(self, talk: Talk) -> Iterator[Sent]:
        yield from talk.handshake()
        yield talk.segment(PSH | ACK, b"220 mail.example.org ESMTP Postfix\r\n", by=1)
        yield talk.segment(PSH | ACK, b"EHLO client.example.org\r\n")
        yield talk.segment(PSH | ACK, b"250-mail.example.org\r\n250 SIZE 10240000\r\n", by=1)
        yield from self.stream(talk, b"")
        yield from talk.close()

    def shell(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, self.ends(22), time_us)
        return talk.ends, self._shell(talk)

    def _shell(self, talk: Talk) -> Iterator[Sent]:
        yield from talk.handshake()
        yield talk.segment(PSH | ACK, b"SSH-2.0-OpenSSH_9.2\r\n", by=1)
        yield talk.segment(PSH | ACK, b"SSH-2.0-OpenSSH_9.6\r\n")
        yield from self.stream(talk, b"")
        yield talk.segment(RST | ACK, by=1)

    def stream(self, talk: Talk, mark: bytes) -> Iterator[Sent]:
        """Data one way or the other, most of it acknowledged."""
        for _ in range(min(int(self.chance.expovariate(1 / self.mean_segments)), 4000)):
            by = int(self.chance.random() < 0.75)
            large = self.chance.random() < 0.3
            data = self.some(1200, 1400) if large else self.some(20, 500)
            if mark:
                data = mark + struct.pack(">H", len(data)) + data
            yield talk.segment(PSH | ACK if not large else ACK, data, by=by)
            if self.chance.random() < 0.7:
                yield talk.segment(ACK, by=1 - by)

    def refused(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, self.ends(self.chance.choice((23, 445, 3389, 8080, 9000))), time_us)
        return talk.ends, self._refused(talk)

    def _refused(self, talk: Talk) -> Iterator[Sent]:
        """Some stacks ask again, with the same number."""
        isn = talk.numbers[0]
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            yield talk.segment(SYN, number=isn)
            talk.numbers[0] = isn + 1 & 0xFFFFFFFF
            yield talk.segment(RST | ACK, by=1, number=0)

    def unanswered(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        talk = Talk(self.chance, self.ends(self.chance.choice((22, 80, 443, 1433, 5900))), time_us)
        isn = talk.numbers[0]
        count = self.chance.choice((1, 1, 2, 3))
        return talk.ends, (talk.segment(SYN, number=isn) for _ in range(count))

    def midstream(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        """A conversation that was there before the capture began."""
        talk = Talk(self.chance, self.ends(self.chance.choice((443, 993, 5222, 8443))), time_us)
        return talk.ends, self.stream(talk, self.chance.choice((b"", SEALED)))

    def answer_first(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        return self.web(time_us, cut=1)

    # UDP and ICMP

    def names(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        ends = self.ends(53)
        name = b"\x03www\x07example\x03org\x00\x00\x01\x00\x01"
        number = self.chance.randbytes(2)
        query = number + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + name
        answer = number + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + name + self.some(16, 200)
        return ends, self.datagrams(ends, time_us, [(False, query), (True, answer)])

    def clock(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        ends = self.ends(123)
        ask, tell = b"\x23" + bytes(39) + self.some(8, 9), b"\x24\x01" + bytes(22) + self.some(24, 25)
        return ends, self.datagrams(ends, time_us, [(False, ask), (True, tell)])

    def quick(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        """As QUIC looks from outside: long headers first, then nothing but sealed datagrams."""
        ends = self.ends(443)
        ask = b"\xc3\x00\x00\x00\x01\x08" + self.some(8, 9) + b"\x00\x00\x44\xd0" + self.some(1180, 1181)
        tell = b"\xc1\x00\x00\x00\x01\x00\x08" + self.some(8, 9) + b"\x00\x44\xd0" + self.some(1180, 1181)
        count = min(int(self.chance.expovariate(1 / self.mean_segments)), 4000)
        more = [(self.chance.random() < 0.7, b"\x4d" + self.some(30, 700)) for _ in range(count)]
        return ends, self.datagrams(ends, time_us, [(False, ask), (True, tell), *more])

    def silent(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        ends = self.ends(self.chance.choice((161, 514, 5060, 40000)))
        return ends, self.datagrams(ends, time_us, [(False, self.some(20, 200))] * self.chance.choice((1, 3)))

    def neighbours(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        ends = self.ends(5353, group=ip_address("224.0.0.251").packed)
        query = bytes(4) + b"\x00\x01\x00\x00\x00\x00\x00\x00\x05_http\x04_tcp\x05local\x00\x00\x0c\x00\x01"
        return ends, self.datagrams(ends, time_us, [(False, query)])

    def datagrams(self, ends: Ends, time_us: int, said: list[tuple[bool, bytes]]) -> Iterator[Sent]:
        for from_server, data in said:
            time_us += self.chance.randrange(200, 60_000)
            ports = (ends.dport, ends.sport) if from_server else (ends.sport, ends.dport)
            yield Sent(time_us, from_server, UDP, struct.pack(">HHHH", *ports, 8 + len(data), 0) + data)

    def echo(self, time_us: int) -> tuple[Ends, Iterator[Sent]]:
        ends = self.ends(0)
        return ends, self._echo(ends, time_us)

    def _echo(self, ends: Ends, time_us: int) -> Iterator[Sent]:
        protocol, ask, tell = (ICMP, 8, 0) if len(ends.client) == 4 else (ICMP6, 128, 129)
        answered = self.chance.random() < 0.8
        for number in range(4):
            body = struct.pack(">HH", ends.sport, number) + self.noise[:56]
            yield Sent(time_us, from_server=False, protocol=protocol, body=bytes((ask, 0, 0, 0)) + body)
            if answered:
                yield Sent(
                    time_us + 2000, from_server=True, protocol=protocol, body=bytes((tell, 0, 0, 0)) + body
                )
            time_us += 1_000_000

    def kinds(self) -> tuple[list[Callable[[int], tuple[Ends, Iterator[Sent]]]], list[int]]:
        weights = {
            self.web: 14, self.sealed: 24, self.mail: 2, self.shell: 2, self.refused: 8, self.unanswered: 8,
            self.midstream: 3, self.answer_first: 2, self.names: 20, self.clock: 3, self.quick: 4, self.silent: 4,
            self.neighbours: 1, self.echo: 5,
        }  # fmt: skip
        return list(weights), list(weights.values())


def _after(cut: int, sent: Iterator[Sent]) -> Iterator[Sent]:
    for _ in range(cut):
        next(sent, None)
    return sent


def _addresses(size: int, first: str, count: int) -> list[bytes]:
    start = int(ip_address(first))
    return [(start + number).to_bytes(size, "big") for number in range(1, count + 1)]


def frame(ends: Ends, sent: Sent) -> bytes:
    """The packet as it stands on the wire."""
    src, dst = (ends.server, ends.client) if sent.from_server else (ends.client, ends.server)
    link = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02" + ends.link
    if len(src) == 4:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(sent.body), 1, 0x4000, 64, sent.protocol, 0)
    else:
        head = struct.pack(">IHBB", 6 << 28, len(sent.body), sent.protocol, 64)
    head = head + src + dst
    if len(src) == 4:
        head = _summed(head, 10, 0)
    pseudo = 0 if sent.protocol == ICMP else int.from_bytes(src + dst) + sent.protocol + len(sent.body)
    return link + head + _summed(sent.body, CHECKSUM_AT[sent.protocol], pseudo)


def _summed(data: bytes, at: int, more: int) -> bytes:
    """Write the Internet checksum (RFC 1071) at its place."""
    rest = (int.from_bytes(data) << 8 * (len(data) % 2)) + more
    return data[:at] + struct.pack(">H", 0xFFFF - rest % 0xFFFF) + data[at + 2 :]


def write_capture(path: Path, packets: int = 1_000_000, conversations: int = 46_000, seed: int = 1) -> None:
    """Write a classic pcap of so many packets, at least, in so many conversations, or a few less."""
    chance = Random(seed)
    writer = Writer(seed, mean_segments=max(1.0, packets / conversations * 0.98))
    kinds, weights = writer.kinds()
    starts = sorted(chance.randrange(SPAN_US) for _ in range(conversations))
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        woven = _weave(writer, starts, chance.choices(kinds, weights, k=conversations))
        for _, (ends, sent) in zip(range(packets), woven, strict=False):
            _write_record(out, sent.time_us, frame(ends, sent))


def _weave(
    writer: Writer, starts: list[int], kinds: list[Callable[[int], tuple[Ends, Iterator[Sent]]]]
) -> Iterator[tuple[Ends, Sent]]:
    """All packets in order of time; a conversation is drawn when its time has come."""
    waiting: list[tuple[int, int, Sent, Ends, Iterator[Sent]]] = []
    coming = iter(zip(starts, kinds, strict=True))
    number, following = 0, next(coming, None)
    while waiting or following:
        if following and (not waiting or following[0] <= waiting[0][0]):
            ends, talk = following[1](following[0])
            number += 1
            following = next(coming, None)
        else:
            _, _, sent, ends, talk = heapq.heappop(waiting)
            yield ends, sent
        if (sent_next := next(talk, None)) is not None:
            heapq.heappush(waiting, (sent_next.time_us, number, sent_next, ends, talk))
            number += 1


def _write_record(out: BinaryIO, time_us: int, data: bytes) -> None:
    seconds, rest = divmod(time_us, 1_000_000)
    out.write(struct.pack("<IIII", START_S + seconds, rest, len(data), len(data)) + data)

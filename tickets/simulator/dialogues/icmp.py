"""ICMP: echo and its answer, and errors that quote the packet that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tickets.engine.types import Protocol
from tickets.simulator.addresses import is_ipv6
from tickets.simulator.network import Dialogue, Host, Quote, SentPacket, Socket, Zone, travel_ns
from tickets.simulator.randomness import Stream

NS_PER_S = 1_000_000_000
STACK_NS = 80_000
CLASSIC_QUOTE_BYTES = 28  # IP header and eight bytes (RFC 792)
LONG_QUOTE_BYTES = 548  # as much as fits in 576 bytes (RFC 1812, 4.3.2.3)
LONGEST_QUOTE6_BYTES = 1232  # as much as fits in 1280 bytes (RFC 4443, 2.4)


class Error(NamedTuple):
    """Type and code (RFC 792 and 1812; RFC 4443)."""

    kind: int
    code: int


PORT_UNREACHABLE, HOST_UNREACHABLE, PROHIBITED = Error(3, 3), Error(3, 1), Error(3, 13)
EXPIRED = Error(11, 0)
ERRORS6 = {
    PORT_UNREACHABLE: Error(1, 4),
    HOST_UNREACHABLE: Error(1, 3),
    PROHIBITED: Error(1, 1),
    EXPIRED: Error(3, 0),
}
WINDOWS_FILLING = b"abcdefghijklmnopqrstuvwabcdefghi"


def play_echo(
    client: Host, server: Host, start_ns: int, chance: Stream, *, count: int = 4, is_answered: bool = True
) -> Dialogue:
    """Ping: one request a second, each answered with what it carried."""
    ask_type, answer_type = (128, 129) if is_ipv6(client.ip) else (8, 0)
    ends = Socket(client, ask_type), Socket(server, answer_type)
    number = 1 if client.system.ttl == 128 else chance.between(1, 0xFFFF)
    first_id, way_ns = chance.below(1 << 16), travel_ns(client, server)
    packets: list[SentPacket] = []
    for turn in range(count):
        at_ns = start_ns + turn * NS_PER_S + chance.about(600_000)
        rest = number.to_bytes(2, "big") + (turn + 1).to_bytes(2, "big")
        filling = _filling(client, at_ns)
        packets.append(_message(ends, at_ns, first_id + turn, rest, filling))
        if is_answered:
            back_ns = at_ns + way_ns + chance.about(STACK_NS)
            packets.append(_message(ends[::-1], back_ns, chance.below(1 << 16), rest, filling))
    return _dialogue(ends, packets)


def _filling(client: Host, at_ns: int) -> bytes:
    """Windows sends letters, others the time and counting bytes."""
    if client.system.ttl == 128:
        return WINDOWS_FILLING
    seconds, rest_ns = divmod(at_ns, NS_PER_S)
    clock = seconds.to_bytes(8, "little") + (rest_ns // 1_000).to_bytes(8, "little")
    return clock + bytes(range(0x10, 0x38))


def play_errors(
    about: Dialogue,
    packets: Sequence[SentPacket],
    reporter: Host,
    error: Error,
    chance: Stream,
    *,
    ttl: int | None = None,
) -> Dialogue:
    """What a host or a router on the way says to the sender of packets of `about`: each quoted once."""
    target = packets[0].src.host
    kind, code = ERRORS6[error] if is_ipv6(target.ip) else error
    ends = Socket(reporter, kind), Socket(target, code)
    errors: list[SentPacket] = []
    for packet in packets:
        at_ns = packet.sent_ns + _reach_ns(packet, reporter) + chance.about(STACK_NS)
        quote = Quote(packet, _ttl_left(packet, reporter) if ttl is None else ttl, _quote_bytes(reporter))
        errors.append(_message(ends, at_ns, chance.below(1 << 16), bytes(4), b"", quote))
    return _dialogue(ends, errors, about)


def _quote_bytes(reporter: Host) -> int:
    """Windows and routers of old quote eight bytes, others as much as they may."""
    if is_ipv6(reporter.ip):
        return LONGEST_QUOTE6_BYTES
    return LONG_QUOTE_BYTES if reporter.system.ttl == 64 else CLASSIC_QUOTE_BYTES


def _reach_ns(packet: SentPacket, reporter: Host) -> int:
    """A router among the hosts of the sender's own side stands on the way, nearer than its target."""
    src = packet.src.host
    if reporter.zone is src.zone and reporter.zone is not Zone.DEVICE:
        return abs(src.delay_ns - reporter.delay_ns)
    return travel_ns(src, reporter)


def _ttl_left(packet: SentPacket, reporter: Host) -> int:
    src = packet.src.host
    return packet.first_ttl - (0 if src.zone is reporter.zone else src.hops + reporter.hops)


def _message(
    ends: tuple[Socket, Socket],
    at_ns: int,
    ip_id: int,
    rest: bytes,
    payload: bytes,
    quoted: Quote | None = None,
) -> SentPacket:
    src, dst = ends
    return SentPacket(
        sent_ns=at_ns,
        src=src,
        dst=dst,
        protocol=Protocol.ICMP,
        ip_id=0 if is_ipv6(src.host.ip) else ip_id & 0xFFFF,
        payload=payload,
        dont_fragment=False,
        icmp_type=src.port,
        icmp_code=dst.port if quoted else 0,
        icmp_rest=rest,
        quoted=quoted,
    )


def _dialogue(
    ends: tuple[Socket, Socket], packets: Sequence[SentPacket], about: Dialogue | None = None
) -> Dialogue:
    return Dialogue(
        client=ends[0],
        server=ends[1],
        protocol=Protocol.ICMP,
        packets=tuple(sorted(packets, key=lambda packet: packet.sent_ns)),
        service="",
        about=about,
    )

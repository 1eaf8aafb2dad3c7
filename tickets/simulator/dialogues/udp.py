"""UDP: questions and answers, datagrams one way, a closed port, the way to a host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tickets.engine.types import Protocol
from tickets.simulator.addresses import is_ipv6
from tickets.simulator.dialogues.icmp import EXPIRED, PORT_UNREACHABLE, play_errors
from tickets.simulator.messages.turns import Turn, ask
from tickets.simulator.network import Dialogue, Host, SentPacket, Socket, travel_ns
from tickets.simulator.randomness import Stream

NS_PER_MS = 1_000_000
FIRST_TRACE_PORT = 33_434
PROBES_PER_HOP = 3
TRACE_BYTES = 32


def play_exchange(
    client: Socket,
    server: Socket,
    start_ns: int,
    messages: Sequence[tuple[bytes, bytes]],
    *,
    think_ns: int,
    service: str,
    chance: Stream,
    said: dict[str, str] | None = None,
) -> Dialogue:
    """UDP questions, each answered after about `think_ns`."""
    ids = {client: chance.between(1, 0xFFFF), server: chance.between(1, 0xFFFF)}
    way_ns = travel_ns(client.host, server.host)
    packets: list[SentPacket] = []
    at_ns = start_ns
    for pair in messages:
        for (src, dst), payload in zip(((client, server), (server, client)), pair, strict=True):
            packets.append(_datagram(src, dst, at_ns, ids[src], payload, dont_fragment=src is client))
            ids[src] = (ids[src] + 1) & 0xFFFF
            at_ns += way_ns + chance.about(think_ns)
    return _dialogue(client, server, packets, service, said)


def play_datagrams(
    client: Socket,
    server: Socket,
    start_ns: int,
    turns: Iterable[Turn],
    *,
    service: str,
    chance: Stream,
    said: dict[str, str] | None = None,
    about: Dialogue | None = None,
) -> Dialogue:
    """Datagrams in the order of a script. A side that speaks after the other waits for its datagram; one that goes
    on speaking waits its own pause only. A script in which one side speaks is one-way traffic."""
    ids = {client: chance.between(1, 0xFFFF), server: chance.between(1, 0xFFFF)}
    way_ns = travel_ns(client.host, server.host)
    packets: list[SentPacket] = []
    at_ns, last = start_ns, None
    for turn in turns:
        src, dst = (client, server) if turn.from_client else (server, client)
        if last is not None:
            at_ns += chance.about(turn.think_ns) + (way_ns if last is not src else 0)
        packets.append(_datagram(src, dst, at_ns, ids[src], turn.payload, dont_fragment=src is client))
        ids[src] = (ids[src] + 1) & 0xFFFF
        last = src
    return _dialogue(client, server, packets, service, said, about)


def play_unreachable(
    client: Socket, server: Socket, start_ns: int, payloads: Sequence[bytes], *, gap_ns: int, chance: Stream
) -> tuple[Dialogue, Dialogue]:
    """Datagrams to a port where nothing listens, and the host's word on each (RFC 1122, 4.1.3.1)."""
    turns = [ask(payload, gap_ns) for payload in payloads]
    asked = play_datagrams(client, server, start_ns, turns, service="", chance=chance)
    return asked, play_errors(asked, asked.packets, server.host, PORT_UNREACHABLE, chance)


class Hop(NamedTuple):
    """A router on the way: with how much TTL a packet dies there, and the router, or None where it keeps silent."""

    ttl: int
    router: Host | None


def play_traceroute(
    client: Socket, target: Host, hops: Sequence[Hop], start_ns: int, chance: Stream
) -> tuple[Dialogue, ...]:
    """Probes to rising ports with rising TTLs: each router says that it expired, the target that the port is
    closed. Every probe is a conversation, every reporter's errors are another."""
    found: list[Dialogue] = []
    at_ns, port = start_ns, FIRST_TRACE_PORT
    last_ttl = hops[-1].ttl + 1
    for ttl, router in (*hops, Hop(last_ttl, target)):
        probes: list[Dialogue] = []
        for _ in range(PROBES_PER_HOP):
            probes.append(_probe(client, Socket(target, port), at_ns, ttl, chance))
            at_ns += chance.about(300_000)
            port += 1
        found += probes
        if router is not None:
            error = PORT_UNREACHABLE if router is target else EXPIRED
            left = 1 if router is not target else None
            packets = [packet for probe in probes for packet in probe.packets]
            found.append(play_errors(probes[0], packets, router, error, chance, ttl=left))
        at_ns += chance.about(20 * NS_PER_MS)
    return tuple(found)


def _probe(client: Socket, server: Socket, at_ns: int, ttl: int, chance: Stream) -> Dialogue:
    filling = bytes(range(0x40, 0x40 + TRACE_BYTES))
    packet = SentPacket(
        sent_ns=at_ns,
        src=client,
        dst=server,
        protocol=Protocol.UDP,
        ip_id=0 if is_ipv6(client.host.ip) else chance.between(1, 0xFFFF),
        payload=filling,
        dont_fragment=False,
        ttl=ttl,
    )
    return _dialogue(client, server, [packet], "", None)


def _datagram(
    src: Socket, dst: Socket, at_ns: int, ip_id: int, payload: bytes, *, dont_fragment: bool
) -> SentPacket:
    return SentPacket(
        sent_ns=at_ns,
        src=src,
        dst=dst,
        protocol=Protocol.UDP,
        ip_id=0 if is_ipv6(src.host.ip) else ip_id,
        payload=payload,
        dont_fragment=dont_fragment,
    )


def _dialogue(
    client: Socket,
    server: Socket,
    packets: Sequence[SentPacket],
    service: str,
    said: dict[str, str] | None,
    about: Dialogue | None = None,
) -> Dialogue:
    return Dialogue(
        client=client,
        server=server,
        protocol=Protocol.UDP,
        packets=tuple(packets),
        service=service,
        said=said or {},
        about=about,
    )

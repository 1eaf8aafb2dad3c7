"""Dialogues of every kind on one small network, and what the taps and the firewall make of them.

The captures of these scenes are the measure: every sensor's numbers are held against the bytes on the wire, read
by `tests.simulator.captures`, which shares no line with the simulator or the engine.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from tests.simulator.captures import End, Seen, conversations, read_capture
from tickets.engine import FlowRecord, LogRecord, read_evidence
from tickets.engine.types import Alert, Endpoint, Protocol, Record, TcpFlags
from tickets.simulator.network import (
    Dialogue,
    Firewall,
    Host,
    SentPacket,
    Socket,
    Zone,
    travel_ns,
)
from tickets.simulator.recording import Flow, Recording, record
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import LINUX, WINDOWS

S = 1_000_000_000
ICMP = 1
SEED = bytes.fromhex("3d5b1c5577e2904bd6aa01f3c94e7b2f")
SYN, ACK, FIN, RST, PSH = TcpFlags.SYN, TcpFlags.ACK, TcpFlags.FIN, TcpFlags.RST, TcpFlags.PSH
KINDS = (
    "page",
    "lookup",
    "clock",
    "refused",
    "blocked",
    "half_open",
    "torn",
    "late",
    "silent",
    "backscatter",
)


class Scene:
    """A day at the small network. `dialogues` holds each kind of conversation under its name."""

    def __init__(self) -> None:
        self.stage = stage = Stage("sensors", SEED)
        self.decoy = stage.server("decoy-1", Zone.DECOYS, "192.0.2.50", listens=(22, 445, 1433))
        self.extranet = stage.server("extranet-1", Zone.DMZ, "192.0.2.10", system=WINDOWS, listens=(443,))
        self.firewall: Firewall = stage.firewall(("192.0.2.10", 443), ("192.0.2.10", 3389))
        self.reader, self.site = stage.workstation(), stage.web_site()
        self.stranger = stage.stranger(system=LINUX)
        self.dialogues = self._play()
        self._recordings: dict[Zone, Recording] = {}

    def _play(self) -> dict[str, Dialogue]:
        stage, at = self.stage, self.stage.start_ns
        lookup, page = stage.visit(self.reader, self.site, at)
        knock = self._knock
        return {
            "lookup": lookup,
            "page": page,
            "clock": stage.set_clock(self.extranet, stage.stranger(), at + S),
            "refused": knock(self.extranet, 3389, at + 2 * S),
            "blocked": knock(self.extranet, 445, at + 3 * S),
            "half_open": self._half_open(at + 15 * S),
            "torn": self._torn(at + 16 * S),
            "late": self._late(at + 20 * S),
            "silent": self._silent(at + 21 * S),
            "backscatter": self._backscatter(at + 22 * S),
            "ping": self._ping(at + 23 * S),
        }

    def _knock(self, host: Host, port: int, start_ns: int) -> Dialogue:
        stage = self.stage
        target = Socket(host, port)
        return stage.knock(stage.socket(self.stranger), target, start_ns, self.firewall)

    def _half_open(self, start_ns: int) -> Dialogue:
        """A scanner's SYN is answered, and its own system resets what it never opened."""
        client, server = self.stage.socket(self.stranger), Socket(self.extranet, 443)
        way = travel_ns(client.host, server.host)
        return dialogue(
            client,
            server,
            segment(client, server, start_ns, SYN, seq=1000, window=1024),
            segment(server, client, start_ns + way + 90_000, SYN | ACK, seq=9000, ack=1001, window=8192),
            segment(client, server, start_ns + 2 * way + 300_000, RST, seq=1001),
        )

    def _torn(self, start_ns: int) -> Dialogue:
        """A server that tires of a client and resets."""
        client, server = self.stage.socket(self.stranger), Socket(self.extranet, 443)
        talk = self.stage.talk(client, server, start_ns)
        talk.shake_hands()
        talk.say(talk.client, b"\x16\x03\x01" + bytes(180), 2 * MS)
        played = talk.end()
        last = played.packets[-1]
        reset = segment(
            server,
            client,
            last.sent_ns + 40 * MS,
            RST | ACK,
            seq=talk.server.next_seq,
            ack=talk.client.next_seq,
        )
        return replace(played, packets=(*played.packets, reset))

    def _late(self, start_ns: int) -> Dialogue:
        """A page whose server sends one more segment when the firewall has long forgotten the connection."""
        played = self.stage.read_page(self.stage.socket(self.reader), self.site, start_ns)
        fin = next(packet for packet in played.packets if packet.flags & FIN)
        standing = tuple(packet for packet in played.packets if packet.sent_ns < fin.sent_ns)
        after = replace(fin, sent_ns=fin.sent_ns + 3700 * S)
        return replace(played, packets=(*standing, after))

    def _silent(self, start_ns: int) -> Dialogue:
        """A question to a time server that is not there."""
        played = self.stage.set_clock(self.extranet, self.stage.stranger(), start_ns)
        return replace(played, packets=played.packets[:1])

    def _backscatter(self, start_ns: int) -> Dialogue:
        """The answer of somebody's server to a SYN that was forged in our name, and our reset."""
        ours, theirs = Socket(self.extranet, 3932), Socket(self.stage.stranger(listens=(80,)), 80)
        way = travel_ns(ours.host, theirs.host)
        return dialogue(
            ours,
            theirs,
            segment(theirs, ours, start_ns, SYN | ACK, seq=77, ack=4242, window=8192),
            segment(ours, theirs, start_ns + way + 90_000, RST, seq=4242),
        )

    def _ping(self, start_ns: int) -> Dialogue:
        """An echo request and its answer (RFC 792)."""
        client, server = Socket(self.reader, 8), Socket(self.site, 0)
        asked = echo(client, server, start_ns, 8)
        answered = echo(server, client, start_ns + travel_ns(client.host, server.host) + 90_000, 0)
        return Dialogue(client=client, server=server, protocol=Protocol.ICMP, packets=(asked, answered))

    def all(self) -> tuple[Dialogue, ...]:
        return tuple(self.dialogues.values())

    def recording(self, zone: Zone = Zone.OUTSIDE) -> Recording:
        """What a tap on the firewall's link to a zone records of them all."""
        if zone not in self._recordings:
            tap = self.stage.tap(f"ids-{zone}", zone)
            self._recordings[zone] = record(self.all(), tap, self.firewall)
        return self._recordings[zone]


@cache
def scene() -> Scene:
    return Scene()


def segment(
    src: Socket, dst: Socket, sent_ns: int, flags: TcpFlags, *, seq: int, ack: int = 0, window: int = 0
) -> SentPacket:
    return SentPacket(
        sent_ns=sent_ns,
        src=src,
        dst=dst,
        protocol=Protocol.TCP,
        ip_id=sent_ns // 1_000 & 0xFFFF,
        seq=seq,
        ack=ack,
        flags=flags,
        window=window,
    )


def echo(src: Socket, dst: Socket, sent_ns: int, kind: int) -> SentPacket:
    return SentPacket(
        sent_ns=sent_ns,
        src=src,
        dst=dst,
        protocol=Protocol.ICMP,
        ip_id=sent_ns // 1_000 & 0xFFFF,
        icmp_type=kind,
        icmp_rest=bytes.fromhex("12340001"),
        payload=bytes(range(56)),
    )


def dialogue(client: Socket, server: Socket, *packets: SentPacket) -> Dialogue:
    return Dialogue(client=client, server=server, protocol=Protocol.TCP, packets=packets)


# What a sensor in a bad place misses.


def from_packet(recording: Recording, number: int) -> Recording:
    """The tap was switched on late: the first packets of every conversation are missing."""
    return _only(recording, lambda flow: flow.packets[number:])


def one_way(recording: Recording, *, from_orig: bool) -> Recording:
    """A tap on one direction of the line."""
    return _only(
        recording, lambda flow: tuple(seen for seen in flow.packets if flow.is_from_orig(seen) is from_orig)
    )


def _only(recording: Recording, choose: object) -> Recording:
    assert callable(choose)
    flows = [replace(flow, packets=choose(flow)) for flow in recording.flows]
    flows = sorted((flow for flow in flows if flow.packets), key=lambda flow: flow.start_ns)
    packets = sorted((seen for flow in flows for seen in flow.packets), key=lambda seen: seen.time_ns)
    return replace(recording, flows=tuple(flows), packets=tuple(packets))


def flow_of(recording: Recording, played: Dialogue) -> Flow:
    return next(flow for flow in recording.flows if flow.dialogue is played)


# The measure, and the engine's reading.


def captured(recording: Recording) -> dict[frozenset[End], list[Seen]]:
    """The packets of each conversation with ports as the capture's bytes tell them."""
    packets = read_capture(write_capture(recording))
    return conversations([packet for packet in packets if packet.protocol != ICMP])


def sent(packets: list[Seen], end: End | Endpoint) -> list[Seen]:
    return [packet for packet in packets if packet.src == tuple(end)]


def flag_sum(packets: list[Seen]) -> int:
    together = 0
    for packet in packets:
        together |= packet.flags
    return together


def read_back(name: str, data: bytes) -> tuple[str, list[Record]]:
    """The format that the engine finds and its records; there must be no problem."""
    reading = read_evidence(name, data)
    records = list(reading.records)
    assert reading.problems == []
    return reading.format, records


def flows_in(records: list[Record]) -> list[FlowRecord]:
    return [item for item in records if isinstance(item, FlowRecord)]


def statements_in(records: list[Record]) -> list[LogRecord]:
    return [item for item in records if isinstance(item, LogRecord)]


def alerts_in(records: list[Record]) -> list[Alert]:
    return [item for item in records if isinstance(item, Alert)]

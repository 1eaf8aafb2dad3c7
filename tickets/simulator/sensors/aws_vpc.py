"""Amazon VPC flow logs of one machine's interface: version 2 by default, or a format of version 5 fields.

Source: Amazon VPC User Guide, "Flow log records". A record sums up one direction in one interval of a minute. The
security group's word stands beside it: what it rejects shows only the packets that came. Of TCP's flags FIN, SYN and
RST are recorded, and ACK only together with SYN: 2 and 3 are the asking half, 18 and 19 the answering one.
`flow-direction` is that of the interface, whoever opened the connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from tickets.engine.types import Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Firewall, Host, SeenPacket, Tap, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import count_ip_bytes, count_packets
from tickets.simulator.sensors.ip_numbers import protocol_number
from tickets.simulator.sensors.lines import LogLine, ends_of, sort_lines

FILE = "vpc-flow.log"
INTERVAL_NS = 60 * NS_PER_S
DELIVERED_NS = 90 * NS_PER_S
FIELDS = (
    *"version srcaddr dstaddr srcport dstport protocol start end type packets bytes account-id vpc-id".split(),
    *"subnet-id instance-id interface-id region az-id sublocation-type sublocation-id action tcp-flags".split(),
    *"pkt-srcaddr pkt-dstaddr pkt-src-aws-service pkt-dst-aws-service traffic-path flow-direction".split(),
    "log-status",
)
RECORDED = TcpFlags.FIN | TcpFlags.SYN | TcpFlags.RST
INTERNET_GATEWAY, WITHIN_VPC = "8", "1"


class Version(IntEnum):
    """The fields that were asked for: the default format, or all up to version 5."""

    DEFAULT = 2
    FIVE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the machine stands in the cloud."""

    account: str = "123456789012"
    region: str = "eu-north-1"
    zone: str = "eun1-az1"
    network: str
    subnet: str
    instance: str
    interface: str


def write_vpc_log(
    dialogues: tuple[Dialogue, ...],
    firewall: Firewall,
    host: Host,
    chance: Stream,
    *,
    version: Version = Version.DEFAULT,
) -> tuple[LogLine, ...]:
    """The records of the machine's interface, in the order in which they are delivered. The firewall stands for
    the security group and the network ACL before it."""
    place = _draw_place(chance)
    lines = [
        _line(part, host, place, version, is_permitted=firewall.admits(dialogue))
        for dialogue in dialogues
        for part in _parts(dialogue, host, firewall)
    ]
    return sort_lines(lines)


def encode_vpc_log(lines: tuple[LogLine, ...], version: Version = Version.DEFAULT) -> bytes:
    """As a file in a bucket: other than the default, the format is named in the first line."""
    head = [" ".join(FIELDS)] if version is Version.FIVE else []
    return "".join(f"{line}\n" for line in (*head, *(line.text for line in lines))).encode()


@dataclass(frozen=True, slots=True)
class _Part:
    """The packets of one direction within one interval."""

    dialogue: Dialogue
    packets: tuple[SeenPacket, ...]

    @property
    def interval(self) -> int:
        return self.packets[0].time_ns // INTERVAL_NS


def _parts(dialogue: Dialogue, host: Host, firewall: Firewall) -> Iterator[_Part]:
    if host.ip not in (dialogue.client.host.ip, dialogue.server.host.ip):
        return
    groups: dict[tuple[int, bool], list[SeenPacket]] = {}
    for seen in _at_the_interface(dialogue, host, firewall):
        key = (seen.time_ns // INTERVAL_NS, seen.packet.src == dialogue.client)
        groups.setdefault(key, []).append(seen)
    for group in groups.values():
        yield _Part(dialogue, tuple(group))


def _at_the_interface(dialogue: Dialogue, host: Host, firewall: Firewall) -> list[SeenPacket]:
    """What the interface carries. It sees what is rejected too, but not what the machine never got to answer."""
    card = Tap(name="eni", zone=host.zone, interface="eth0", firewall_mac=b"", router_mac=b"", host=host)
    seen = sorted(map(card.see, dialogue.packets), key=lambda item: item.time_ns)
    if firewall.admits(dialogue):
        return [item for item in seen if not item.packet.stops_at_firewall]
    return [item for item in seen if item.packet.src == dialogue.client]


def _line(part: _Part, host: Host, place: Place, version: Version, *, is_permitted: bool) -> LogLine:
    first = part.packets[0].packet
    is_egress = first.src.host.ip == host.ip
    peer = first.dst.host if is_egress else first.src.host
    ports = (0, 0) if first.protocol is Protocol.ICMP else (first.src.port, first.dst.port)
    path = INTERNET_GATEWAY if peer.zone is Zone.OUTSIDE else WITHIN_VPC
    values = {
        "version": str(version.value),
        "account-id": place.account,
        "interface-id": place.interface,
        "srcaddr": first.src.host.ip,
        "dstaddr": first.dst.host.ip,
        "srcport": str(ports[0]),
        "dstport": str(ports[1]),
        "protocol": str(protocol_number(first)),
        "packets": str(count_packets(part.packets)),
        "bytes": str(count_ip_bytes(part.packets)),
        "start": str(part.packets[0].time_ns // NS_PER_S),
        "end": str(part.packets[-1].time_ns // NS_PER_S),
        "type": "IPv6" if first.is_ipv6 else "IPv4",
        "vpc-id": place.network,
        "subnet-id": place.subnet,
        "instance-id": place.instance,
        "region": place.region,
        "az-id": place.zone,
        "action": "ACCEPT" if is_permitted else "REJECT",
        "tcp-flags": str(_flags(part)),
        "pkt-srcaddr": first.src.host.ip,
        "pkt-dstaddr": first.dst.host.ip,
        "traffic-path": path if is_egress else "-",
        "flow-direction": "egress" if is_egress else "ingress",
        "log-status": "OK",
    }
    names = FIELDS if version is Version.FIVE else DEFAULT_FIELDS
    text = " ".join(values.get(name, "-") for name in names)
    return LogLine((part.interval + 1) * INTERVAL_NS + DELIVERED_NS, text, part.dialogue, ends_of(first))


DEFAULT_FIELDS = (
    *"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end".split(),
    *("action", "log-status"),
)


def _flags(part: _Part) -> int:
    flags = TcpFlags.NONE
    for seen in part.packets:
        flags |= seen.packet.flags & RECORDED
        if seen.packet.flags & TcpFlags.SYN:
            flags |= seen.packet.flags & TcpFlags.ACK
    return int(flags)


def _draw_place(chance: Stream) -> Place:
    kinds = chance.child("place")
    network, subnet, instance, interface = (
        f"{kind}-0{kinds.take(8).hex()}" for kind in ("vpc", "subnet", "i", "eni")
    )
    return Place(network=network, subnet=subnet, instance=instance, interface=interface)

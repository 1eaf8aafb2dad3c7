"""Snort 3's alerts: one line (alert_fast), one object (alert_json) or one row (alert_csv) each.

Source: Snort 3's alert_fast.cc, alert_json.cc and alert_csv.cc. The arrow and `src_ap` are the packet's. `dir` says which side
of the flow Snort holds for the sender: C2S or S2C. Counts are of the flow when the alert was raised. The time has no
year and is the sensor's own; only `seconds` is UTC. What became of the conversation is not told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tickets.engine.types import Endpoint, Protocol, TcpFlags
from tickets.simulator.clock import NS_PER_S, DeviceClock
from tickets.simulator.network import SeenPacket
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.account import Account, by_first_packet
from tickets.simulator.sensors.alarms import Alarm, Fired, find_fired, print_arrow
from tickets.simulator.sensors.segments import is_syn_ack

FAST_FILE, JSON_FILE, CSV_FILE = "alert_fast.txt", "alert_json.txt", "alert_csv.txt"
SERVICES = {"tls": "ssl", "smb": "netbios-ssn"}
FLAG_LETTERS = (
    (TcpFlags.CWR, "1"),
    (TcpFlags.ECE, "2"),
    (TcpFlags.URG, "U"),
    (TcpFlags.ACK, "A"),
    (TcpFlags.PSH, "P"),
    (TcpFlags.RST, "R"),
    (TcpFlags.SYN, "S"),
    (TcpFlags.FIN, "F"),
)


def write_alert_fast(recording: Recording, alarms: Sequence[Alarm], *, east_s: int = 0) -> bytes:
    clock = DeviceClock(east_s=east_s)
    return "".join(_fast_line(fired, clock) + "\n" for fired in find_fired(recording, alarms)).encode()


def write_alert_csv(recording: Recording, alarms: Sequence[Alarm], *, east_s: int = 0) -> bytes:
    """The columns that alert_csv has by default, without a header."""
    clock = DeviceClock(east_s=east_s)
    return "".join(_row(fired, clock) + "\n" for fired in find_fired(recording, alarms)).encode()


def write_alert_json(recording: Recording, alarms: Sequence[Alarm], *, east_s: int = 0) -> bytes:
    """With the fields that a site usually asks for."""
    clock = DeviceClock(east_s=east_s)
    lines = (json.dumps(_object(fired, clock)) for fired in find_fired(recording, alarms))
    return "".join(line + "\n" for line in lines).encode()


def hold_sides(flow: Flow) -> Account:
    """A flow that begins with a SYN-ACK began with the server; else the first sender is the client."""
    account = by_first_packet(flow)
    return account.turned() if is_syn_ack(flow.packets[0]) else account


def _fast_line(fired: Fired, clock: DeviceClock) -> str:
    signature = fired.alarm.signature
    drop = "[drop] " if fired.alarm.drops else ""
    return (
        f'{_stamp(fired, clock)} {drop}[**] [1:{signature.sid}:{signature.rev}] "{signature.message}" [**]'
        f" [Classification: {signature.category}] [Priority: {signature.severity}]"
        f" {print_arrow(fired.seen.packet, tells_kind=False)}"
    )


def _row(fired: Fired, clock: DeviceClock) -> str:
    signature, packet = fired.alarm.signature, fired.seen.packet
    columns = (
        _stamp(fired, clock),
        str(fired.number),
        packet.protocol.value.upper(),
        "raw",
        str(packet.ip_bytes),
        _direction(fired),
        *_ends(fired.seen),
        f"1:{signature.sid}:{signature.rev}",
        _action(fired),
    )
    return ", ".join(columns)


def _object(fired: Fired, clock: DeviceClock) -> dict[str, object]:
    signature, packet = fired.alarm.signature, fired.seen.packet
    so_far = _so_far(fired)
    client, server = (so_far.tally(from_orig=side) for side in (True, False))
    src_ap, dst_ap = _ends(fired.seen)
    record: dict[str, object] = {
        "seconds": fired.seen.time_ns // NS_PER_S,
        "timestamp": _stamp(fired, clock),
        "pkt_num": fired.number,
        "proto": packet.protocol.value.upper(),
        "pkt_gen": "raw",
        "pkt_len": packet.ip_bytes,
        "dir": _direction(fired),
        "src_addr": packet.src.host.ip,
        "dst_addr": packet.dst.host.ip,
        "src_ap": src_ap,
        "dst_ap": dst_ap,
        "service": SERVICES.get(fired.flow.dialogue.service, fired.flow.dialogue.service) or "unknown",
    }
    if packet.protocol is Protocol.ICMP:
        record |= {"icmp_type": packet.icmp_type, "icmp_code": packet.icmp_code}
    else:
        record |= {"src_port": packet.src.port, "dst_port": packet.dst.port}
    if packet.protocol is Protocol.TCP:
        record["tcp_flags"] = "".join(letter if packet.flags & flag else "*" for flag, letter in FLAG_LETTERS)
    return record | {
        "client_pkts": client.packets,
        "server_pkts": server.packets,
        "client_bytes": client.frame_bytes,
        "server_bytes": server.frame_bytes,
        "rule": f"1:{signature.sid}:{signature.rev}",
        "msg": signature.message,
        "class": signature.category,
        "priority": signature.severity,
        "action": _action(fired),
    }


def _so_far(fired: Fired) -> Account:
    return hold_sides(fired.flow.until(fired.alarm.packet + 1))


def _direction(fired: Fired) -> str:
    return "C2S" if _so_far(fired).is_from_orig(fired.seen) else "S2C"


def _ends(seen: SeenPacket) -> tuple[str, str]:
    """ICMP has no ports: Snort prints 0."""
    packet = seen.packet
    if packet.protocol is Protocol.ICMP:
        return str(Endpoint(packet.src.host.ip, 0)), str(Endpoint(packet.dst.host.ip, 0))
    return str(packet.src.endpoint), str(packet.dst.endpoint)


def _action(fired: Fired) -> str:
    return "drop" if fired.alarm.drops else "allow"


def _stamp(fired: Fired, clock: DeviceClock) -> str:
    return f"{clock.reads(fired.seen.time_ns):%m/%d-%H:%M:%S.%f}"

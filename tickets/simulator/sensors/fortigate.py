"""FortiGate traffic logs: `name=value` pairs, one line a session when it is over, one a packet that is denied.

Source: FortiOS Log Message Reference. The source is the side that opened the session. `action` is `deny` where the
policy stopped it; every other word is of an allowed session and says how it ended. Bytes are of IP packets, and the
duration runs to the end of the timeout. `date` and `time` are the device's, `eventtime` is UTC in nanoseconds.
"""

from __future__ import annotations

from tickets.engine.types import Protocol
from tickets.simulator.addresses import is_ipv6
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Firewall, SeenPacket, SentPacket, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.sensors.lines import LogLine, sort_lines
from tickets.simulator.sensors.passage import Close, Device, Session, Timeouts, crosses, make_device

FILE = "fortigate.log"
DEVICE, SERIAL = "FGT-EDGE", "FGT60FTK20012345"
PORTS = {
    Zone.OUTSIDE: ("port1", "wan"),
    Zone.INSIDE: ("port2", "lan"),
    Zone.DMZ: ("port3", "dmz"),
    Zone.SERVERS: ("port4", "lan"),
    Zone.DECOYS: ("port5", "dmz"),
}
# config system global: tcp-halfopen-timer, session-ttl, tcp-halfclose-timer, udp-idle-timer; ICMP is fixed.
TIMEOUTS = Timeouts(
    opening_ns=10 * NS_PER_S,
    standing_ns=3600 * NS_PER_S,
    closing_ns=120 * NS_PER_S,
    datagram_ns=180 * NS_PER_S,
    echo_ns=60 * NS_PER_S,
)
ACTIONS = {
    Close.FINS: "close",
    Close.RESET_BY_CLIENT: "client-rst",
    Close.RESET_BY_SERVER: "server-rst",
    Close.NEVER_OPENED: "timeout",
    Close.IDLE: "timeout",
}
SERVICES = {22: "SSH", 53: "DNS", 80: "HTTP", 123: "NTP", 443: "HTTPS", 445: "SMB", 3389: "RDP"}
NUMBERS = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.ICMP: 1}


def write_fortigate_log(
    dialogues: tuple[Dialogue, ...], firewall: Firewall, chance: Stream, *, east_s: int = 0
) -> tuple[LogLine, ...]:
    """The traffic log of a FortiGate in the middle, in order of writing. What fits no session is not logged."""
    device = make_device(dialogues, firewall, east_s)
    lines: list[LogLine] = []
    number = chance.between(100_000, 9_000_000)
    for dialogue in sorted(filter(crosses, dialogues), key=lambda dialogue: dialogue.start_ns):
        passage = device.follow(dialogue, TIMEOUTS)
        for session in passage.ended:
            number += chance.between(1, 40)
            lines.append(
                LogLine(
                    session.end_ns,
                    _session(session, device, number),
                    dialogue,
                    device.on_arrival(session.packets[0].packet),
                )
            )
        for seen in passage.denied:
            number += chance.between(1, 40)
            lines.append(
                LogLine(seen.time_ns, _denial(seen, number, device), dialogue, device.on_arrival(seen.packet))
            )
    return sort_lines(lines)


def _session(session: Session, device: Device, number: int) -> str:
    sent, received = (session.tally(from_client=side) for side in (True, False))
    is_tcp = session.dialogue.protocol is Protocol.TCP
    seconds = session.end_ns // NS_PER_S - session.start_ns // NS_PER_S
    pairs = {
        **_ends(session.end_ns, session.packets[0].packet, device),
        "sessionid": str(number),
        "proto": str(NUMBERS[session.dialogue.protocol]),
        "action": _quoted(ACTIONS[session.close] if is_tcp else "accept"),
        "policyid": str(1 + list(PORTS).index(session.server.host.zone)),
        "policytype": '"policy"',
        "service": _quoted(_service(session.server, session.dialogue.protocol)),
        **_translation(session, device),
        "duration": str(seconds),
        "sentbyte": str(sent.ip_bytes),
        "rcvdbyte": str(received.ip_bytes),
        "sentpkt": str(sent.packets),
        "rcvdpkt": str(received.packets),
        "appcat": '"unscanned"',
    }
    return _join(pairs)


def _denial(seen: SeenPacket, number: int, device: Device) -> str:
    packet = seen.packet
    pairs = {
        **_ends(seen.time_ns, packet, device),
        "sessionid": str(number),
        "proto": str(NUMBERS[packet.protocol]),
        "action": '"deny"',
        "policyid": "0",
        "policytype": '"policy"',
        "service": _quoted(_service(packet.dst, packet.protocol)),
        "trandisp": '"noop"',
        "duration": "0",
        "sentbyte": "0",
        "rcvdbyte": "0",
        "sentpkt": "0",
        "rcvdpkt": "0",
        "appcat": '"unscanned"',
        "crscore": "30",
        "craction": "131072",
        "crlevel": '"high"',
    }
    return _join(pairs)


def _ends(time_ns: int, first: SentPacket, device: Device) -> dict[str, str]:
    moment, src, dst, aim = device.clock.reads(time_ns), first.src, first.dst, device.aimed_at(first)
    is_message = first.protocol is Protocol.ICMP
    (src_port, src_role), (dst_port, dst_role) = PORTS[src.host.zone], PORTS[dst.host.zone]
    return {
        "date": f"{moment:%Y-%m-%d}",
        "time": f"{moment:%H:%M:%S}",
        "devname": _quoted(DEVICE),
        "devid": _quoted(SERIAL),
        "eventtime": str(time_ns + device.clock.fast_ns),
        "tz": _quoted(device.clock.zone),
        "logid": '"0000000013"',
        "type": '"traffic"',
        "subtype": '"forward"',
        "level": '"notice"',
        "vd": '"root"',
        "srcip": src.host.ip,
        **_port("srcport", src.port, is_message=is_message),
        "srcintf": _quoted(src_port),
        "srcintfrole": _quoted(src_role),
        "dstip": aim.ip,
        **_port("dstport", aim.port, is_message=is_message),
        "dstintf": _quoted(dst_port),
        "dstintfrole": _quoted(dst_role),
        "srccountry": '"Reserved"',
        "dstcountry": '"Reserved"',
    }


def _port(name: str, port: int, *, is_message: bool) -> dict[str, str]:
    """ICMP has none: its kind is in the name of the service."""
    return {} if is_message else {name: str(port)}


def _translation(session: Session, device: Device) -> dict[str, str]:
    """`transip` is the new source, `tranip` the new destination."""
    protocol, client, server = session.dialogue.protocol, session.client, session.server
    source, aim = device.mapped(protocol, client, server), device.mapped(protocol, server, client)
    if source != client.endpoint:
        return {"trandisp": '"snat"', "transip": source.ip, "transport": str(source.port)}
    if aim != server.endpoint:
        return {"trandisp": '"dnat"', "tranip": server.host.ip, "tranport": str(server.port)}
    return {"trandisp": '"noop"'}


def _service(server: Socket, protocol: Protocol) -> str:
    """The name of the policy's object for the port: it proves nothing of what was spoken."""
    if protocol is Protocol.ICMP:
        return "PING6" if is_ipv6(server.host.ip) else "PING"
    return SERVICES.get(server.port, f"{protocol.value}/{server.port}")


def _quoted(text: str) -> str:
    return f'"{text}"'


def _join(pairs: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in pairs.items())

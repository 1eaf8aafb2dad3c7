"""Windows Security events of the Filtering Platform: 5156 (a connection permitted) and 5157 (one blocked).

Source: Microsoft, events 5156 and 5157. The layer says whether the host's program connected (%%14611) or took the
connection (%%14610). Of an inbound event either the host's own address stands first, as Microsoft's page has it, or
the stranger's, as events seen in practice have it: `Rendering` is a sensor's habit, not a fact about the connection.
5156 is the platform's permission, given when a handshake arrives at a port that listens, or when a program connects.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from xml.sax.saxutils import escape

from tickets.engine.types import Endpoint, Protocol
from tickets.simulator.clock import to_datetime
from tickets.simulator.network import Host, SeenPacket
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Flow, Recording
from tickets.simulator.sensors.ip_numbers import protocol_number
from tickets.simulator.sensors.lines import Ends, LogLine, sort_lines
from tickets.simulator.sensors.segments import is_syn, is_syn_ack

JSON_FILE, XML_FILE = "security-events.json", "security-events.xml"
PROVIDER = "Microsoft-Windows-Security-Auditing"
GUID = "{54849625-5478-4994-A5BA-3E3B0328C30D}"
NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
SYSTEM32 = "\\device\\harddiskvolume3\\windows\\system32\\"
PROGRAMS = "\\device\\harddiskvolume3\\program files\\"
KERNEL = "System"
TAKERS = {
    22: SYSTEM32 + "openssh\\sshd.exe",
    80: KERNEL,
    443: KERNEL,
    445: KERNEL,
    1433: PROGRAMS + "microsoft sql server\\mssql15.mssqlserver\\mssql\\binn\\sqlservr.exe",
    3389: SYSTEM32 + "svchost.exe",
    5985: KERNEL,
}
CALLERS = {
    "http": PROGRAMS + "mozilla firefox\\firefox.exe",
    "tls": PROGRAMS + "mozilla firefox\\firefox.exe",
    "tds": PROGRAMS
    + "microsoft sql server reporting services\\ssrs\\reportserver\\bin\\reportingservicesservice.exe",
}
SERVICE_HOST = SYSTEM32 + "svchost.exe"
NOBODY = "S-1-0-0"


class Rendering(StrEnum):
    """Whose address an inbound event prints as its source."""

    REMOTE_FIRST = "remote first"
    LOCAL_FIRST = "local first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event before it is written down."""

    time_ns: int
    number: int
    computer: str
    data: dict[str, str]
    record: int
    flow: Flow

    @property
    def ends(self) -> Ends:
        """Source and destination as this rendering prints them."""
        src, dst = (
            Endpoint(self.data[f"{side}Address"], int(self.data[f"{side}Port"]))
            for side in ("Source", "Dest")
        )
        return src, dst


def write_filtering_events(
    recording: Recording,
    chance: Stream,
    *,
    rendering: Rendering = Rendering.REMOTE_FIRST,
    blocked: Collection[int] = (),
    domain: str = "corp.example",
) -> tuple[Event, ...]:
    """The events of the host whose card was recorded, in order. `blocked` are ports that its own firewall closes."""
    host = recording.tap.host
    assert host is not None
    numbers = chance.child("records")
    record = numbers.between(100_000, 4_000_000)
    events: list[Event] = []
    for flow in recording.flows:
        decided = _decided(flow, host, blocked)
        if decided is None:
            continue
        number, seen, is_inbound = decided
        record += numbers.between(1, 9)
        events.append(
            Event(
                time_ns=seen.time_ns + chance.about(30_000),
                number=number,
                computer=f"{host.name.upper()}.{domain}",
                data=_data(flow, rendering, chance, number=number, is_inbound=is_inbound),
                record=record,
                flow=flow,
            )
        )
    return tuple(sorted(events, key=lambda event: event.time_ns))


def encode_json(events: tuple[Event, ...]) -> tuple[LogLine, ...]:
    """One object a line, as a forwarder flattens it."""
    return sort_lines(
        LogLine(
            event.time_ns, json.dumps(_object(event), separators=(",", ":")), event.flow.dialogue, event.ends
        )
        for event in events
    )


def encode_xml(events: tuple[Event, ...]) -> tuple[LogLine, ...]:
    """One `Event` element a line, as the event log exports it."""
    return sort_lines(
        LogLine(event.time_ns, _element(event), event.flow.dialogue, event.ends) for event in events
    )


def _decided(flow: Flow, host: Host, blocked: Collection[int]) -> tuple[int, SeenPacket, bool] | None:
    """The event's number, the packet that it is about, and whether it came in; None where nothing is told.

    A SYN to a port without a service is refused by the stack before the platform is asked."""
    first = flow.packets[0]
    is_tcp = flow.dialogue.protocol is Protocol.TCP
    if flow.dialogue.protocol is Protocol.ICMP or (is_tcp and not is_syn(first)):
        return None
    if first.packet.src.host.is_same_machine(host):
        return 5156, first, False
    if first.packet.dst.port in blocked:
        return 5157, first, True
    answers = [seen for seen in flow.packets if seen.packet.src.host.is_same_machine(host)]
    takes = any(map(is_syn_ack, answers)) if is_tcp else bool(answers)
    return (5156, first, True) if takes else None


def _data(
    flow: Flow, rendering: Rendering, chance: Stream, *, number: int, is_inbound: bool
) -> dict[str, str]:
    first = flow.packets[0].packet
    src, dst = first.src.endpoint, first.dst.endpoint
    if is_inbound and rendering is Rendering.LOCAL_FIRST:
        src, dst = dst, src
    program = _program(flow, first.dst.endpoint, number=number, is_inbound=is_inbound)
    return {
        "ProcessID": "4" if program == KERNEL else str(4 * chance.between(200, 2200)),
        "Application": program,
        "Direction": "%%14592" if is_inbound else "%%14593",
        "SourceAddress": src.ip,
        "SourcePort": str(src.port),
        "DestAddress": dst.ip,
        "DestPort": str(dst.port),
        "Protocol": str(protocol_number(first)),
        "FilterRTID": str(chance.between(65_000, 140_000)),
        "LayerName": "%%14610" if is_inbound else "%%14611",
        "LayerRTID": "44" if is_inbound else "48",
        "RemoteUserID": NOBODY,
        "RemoteMachineID": NOBODY,
    }


def _program(flow: Flow, server: Endpoint, *, number: int, is_inbound: bool) -> str:
    if is_inbound:
        return KERNEL if number == 5157 else TAKERS.get(server.port, SERVICE_HOST)
    return CALLERS.get(flow.dialogue.service, SERVICE_HOST)


def _object(event: Event) -> dict[str, object]:
    return {
        "EventID": event.number,
        "Provider": PROVIDER,
        "Channel": "Security",
        "Computer": event.computer,
        "TimeCreated": _time(event),
        "EventRecordID": event.record,
        "EventData": event.data,
    }


def _element(event: Event) -> str:
    data = "".join(f'<Data Name="{name}">{escape(value)}</Data>' for name, value in event.data.items())
    return (
        f'<Event xmlns="{NAMESPACE}"><System><Provider Name="{PROVIDER}" Guid="{GUID}"/>'
        f"<EventID>{event.number}</EventID><Version>1</Version><Level>0</Level><Task>12810</Task><Opcode>0</Opcode>"
        f"<Keywords>{'0x8020000000000000' if event.number == 5156 else '0x8010000000000000'}</Keywords>"
        f'<TimeCreated SystemTime="{_time(event)}"/><EventRecordID>{event.record}</EventRecordID>'
        f'<Correlation/><Execution ProcessID="4" ThreadID="{4 * (event.record % 900 + 60)}"/>'
        f"<Channel>Security</Channel><Computer>{event.computer}</Computer><Security/></System>"
        f"<EventData>{data}</EventData></Event>"
    )


def _time(event: Event) -> str:
    """The host's clock in UTC, in steps of 100 ns as Windows counts."""
    moment_ns = event.time_ns
    return f"{to_datetime(moment_ns):%Y-%m-%dT%H:%M:%S}.{moment_ns % 1_000_000_000 // 100:07d}Z"

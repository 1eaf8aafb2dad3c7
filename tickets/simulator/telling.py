"""From what was played to a variant: the sensors of the scenario file write, one of them raises the alert."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tickets.engine.types import Alert, Endpoint, Outcome, Reversed
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.network import Dialogue, Firewall, Zone
from tickets.simulator.scene import NO_PROGRAMS, Programs, Scene
from tickets.simulator.sensors.alarms import Alarm, Fired, Signature, find_fired
from tickets.simulator.sensors.lines import Ends
from tickets.simulator.setting import ShownSensor
from tickets.simulator.showing import name_files, show
from tickets.simulator.simulation import (
    Oddity,
    SimulatedFile,
    Simulation,
    Truth,
    oddities_of,
)
from tickets.simulator.stage import Stage
from tickets.simulator.writers.place import Told, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPacket:
    """The file's rule fires on a packet of a dialogue (0-based, as the tap saw them), in the words of the first sensor
    shown that raises alerts. `drops`: it stands in the line and lets the packet not pass; `is_stopped`: another of its
    rules does not let it pass, and this one's action stays "allowed"."""

    dialogue: Dialogue
    packet: int = 0
    drops: bool = False
    is_stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLine:
    """A rule of the SIEM matches a line of a log about a dialogue: the first with these words in it, or another by
    its number (-1 is the last). It prints the ends as the line does, `turned` the other way round (a parser that takes
    the second for the source), or the `ends` named here. It is raised some seconds after the line was written."""

    sensor: str
    dialogue: Dialogue
    which: int = 0
    words: str = ""
    ends: Ends | None = None
    turned: bool = False
    late_s: tuple[int, int] = (15, 70)


Raised = OnPacket | OnLine


def on_stream(dialogue: Dialogue, packet: int) -> OnPacket:
    """A rule that looks for bytes in a stream, which `packet` (0-based) brings. A sensor that only listens reads them
    once they are acknowledged, and prints the next packet of their sender (Suricata's user guide, stream engine; seen in
    runs of version 7.0)."""
    packets = dialogue.packets
    sender, end = packets[packet].src, packets[packet].seq + len(packets[packet].payload)
    later = range(packet + 1, len(packets))
    acknowledged = next(at for at in later if packets[at].src != sender and packets[at].ack >= end)
    fires = next(at for at in later if at > acknowledged and packets[at].src == sender)
    return OnPacket(dialogue=dialogue, packet=fires)


def tell(
    stage: Stage,
    lesson: Dialogue,
    dialogues: Iterable[Dialogue],
    firewall: Firewall,
    *,
    raised: Raised,
    outcome: Outcome,
    also: Sequence[OnPacket] = (),
    programs: Programs = NO_PROGRAMS,
    values: Mapping[str, str] | None = None,
    oddities: Collection[Oddity] = (),
    ends: Ends | None = None,
    is_reversed: Reversed | None = None,
    has_opener: bool = True,
) -> Simulation:
    """The variant: every sensor of the file has written about the dialogues, and the alert was raised.

    `lesson` is the dialogue that the ticket is about; it must be among `dialogues`. `also` are other packets on which
    the rule fires. `ends` are opener and other where evidence and worksheet name them by other addresses than their
    own (a translation); `is_reversed` says it where comparing the alert's source with them does not. Back-scatter
    `has_opener=False`: nobody asked for it, and the key cannot name the sides."""
    all_dialogues = tuple(dialogues)
    assert any(dialogue is lesson for dialogue in all_dialogues), "The lesson is not among the dialogues."
    fires = [*also, raised] if isinstance(raised, OnPacket) else list(also)
    scene = Scene(
        dialogues=all_dialogues,
        firewall=firewall,
        taps=stage.taps,
        hosts=stage.hosts,
        alarms=tuple(_alarm(stage.setting.signature, each) for each in fires),
        chance=stage.noise.child("sensors"),
        programs=programs,
    )
    sensors = stage.setting.sensors
    names = name_files(sensors, scene)
    written = [show(scene, sensor, name) for sensor, name in zip(sensors, names, strict=True)]
    alert = (
        _alert_of_packet(scene, sensors, written, raised)
        if isinstance(raised, OnPacket)
        else _alert_of_line(stage, sensors, names, written, raised)
    )
    orig, resp = ends or (lesson.client.endpoint, lesson.server.endpoint)
    truth = Truth(
        protocol=lesson.protocol,
        orig=orig,
        resp=resp,
        outcome=outcome,
        reversed=is_reversed or _judge_reversed(alert, resp, has_opener=has_opener),
        has_opener=has_opener,
    )
    all_values = _values(stage, scene, lesson, alert) | dict(values or {})
    return Simulation(
        story=stage.story,
        files=tuple(SimulatedFile(name, file.data) for name, file in zip(names, written, strict=True)),
        alert=alert,
        values=all_values,
        truth=truth,
        surface=hashlib.sha256(repr(sorted(all_values.items())).encode()).hexdigest(),
        oddities=frozenset(oddities).union(*(oddities_of(tap) for tap in stage.taps.values())),
    )


def _judge_reversed(alert: Alert, resp: Endpoint, *, has_opener: bool) -> Reversed:
    if not has_opener:
        return Reversed.CANNOT_BE_DETERMINED
    return Reversed.YES if alert.src == resp else Reversed.NO


# -- The alert ------------------------------------------------------------------------------------


def _alarm(signature: Signature, fires: OnPacket) -> Alarm:
    return Alarm(
        signature=signature,
        dialogue=fires.dialogue,
        packet=fires.packet,
        drops=fires.drops,
        is_stopped=fires.is_stopped,
    )


def _alert_of_packet(
    scene: Scene, sensors: Sequence[ShownSensor], written: Sequence[Written], raised: OnPacket
) -> Alert:
    """As the first sensor that raises alerts printed it."""
    for sensor, file in zip(sensors, written, strict=True):
        if not file.alerts:
            continue
        fired = _fired_at(scene, sensor, raised)
        packet, moment = fired.seen.packet, fired.seen.time_ns
        alike = [
            alert
            for alert in file.alerts
            if (alert.src, alert.dst) == (packet.src.endpoint, packet.dst.endpoint)
        ]
        # ICMP's alerts print type and code where ports stand elsewhere.
        candidates = alike or list(file.alerts)
        return min(candidates, key=lambda alert: abs((alert.time_ns or 0) - moment))
    raise ValueError("No sensor that is shown raises an alert on a packet.")


def _fired_at(scene: Scene, sensor: ShownSensor, raised: OnPacket) -> Fired:
    for fired in find_fired(scene.recording(sensor.tap), scene.alarms):
        if fired.alarm.dialogue is raised.dialogue and fired.alarm.packet == raised.packet:
            return fired
    raise ValueError(f"The tap of {sensor.sensor} did not see packet {raised.packet} of the dialogue.")


def _alert_of_line(
    stage: Stage,
    sensors: Sequence[ShownSensor],
    names: Sequence[str],
    written: Sequence[Written],
    raised: OnLine,
) -> Alert:
    for sensor, name, file in zip(sensors, names, written, strict=True):
        if sensor.sensor != raised.sensor:
            continue
        about = [
            line for line in file.lines if line.dialogue is raised.dialogue and raised.words in line.text
        ]
        if about:
            return _print_alert(stage, name, about[raised.which], raised)
    raise ValueError(f"No line of {raised.sensor} is about the dialogue with {raised.words!r} in it.")


def _print_alert(stage: Stage, file: str, line: Told, raised: OnLine) -> Alert:
    """As a SIEM prints it about one line, with whole seconds."""
    signature, severity = stage.setting.signature, stage.setting.severity
    late_s = stage.noise.child("siem").between(*raised.late_s)
    raised_ns = (line.time_ns // NS_PER_S + late_s) * NS_PER_S
    printed = raised.ends or line.ends
    src, dst = printed[::-1] if raised.turned else printed
    protocol = raised.dialogue.protocol
    moment = f"{to_datetime(raised_ns):%Y-%m-%d %H:%M:%S} UTC"
    raw = (
        f'{moment} rule_id={signature.sid} rule="{signature.message}" severity={severity}'
        f" proto={protocol.value} src={src.ip} src_port={src.port} dest={dst.ip} dest_port={dst.port}"
        f" event={file}:{line.number}"
    )
    return Alert(
        protocol=protocol,
        src=src,
        dst=dst,
        source="siem",
        time_ns=raised_ns,
        sid=signature.sid,
        rev=signature.rev,
        message=signature.message,
        category=signature.category,
        severity=signature.severity,
        raw=raw,
    )


# -- What the texts may name ----------------------------------------------------------------------


def _values(stage: Stage, scene: Scene, lesson: Dialogue, alert: Alert) -> dict[str, str]:
    assert alert.time_ns is not None  # every alert is stamped
    raised = to_datetime(alert.time_ns)
    client, server = lesson.client, lesson.server
    of_hosts: dict[str, str] = {}
    for key, host in scene.hosts.items():
        of_hosts |= {f"{key}_ip": host.ip, f"{key}_name": host.name}
        if host.zone is Zone.DECOYS:
            of_hosts[f"{key}_sensor"] = scene.identifier(host)
    return (
        stage.parameters
        | of_hosts
        | {f"{key}_tap": tap.name for key, tap in scene.taps.items()}
        | {
            "alert_source": str(alert.src),
            "alert_destination": str(alert.dst),
            "alert_date": f"{raised.day} {raised:%B} {raised.year}",
            "alert_time": f"{raised:%H:%M:%S}",
            "client_ip": client.host.ip,
            "client_port": str(client.port),
            "client_name": client.host.name,
            "server_ip": server.host.ip,
            "server_port": str(server.port),
            "server_name": server.host.name,
            "sensor_name": next((tap.name for tap in scene.taps.values()), ""),
            "firewall_ip": scene.firewall.address,
            "resolver_ip": stage.resolver.ip,
            "time_server_ip": stage.time_server.ip,
            "web_server_ip": stage.web_server.ip,
        }
    )


def draw_list_day(stage: Stage) -> str:
    """The day on which a stranger came on the shared block list, some weeks before the story."""
    return f"{stage.names.between(3, 27)} February 2026"


def change_window(stage: Stage, prefix: str = "", *, away_h: int = 0) -> dict[str, str]:
    """Values of a change record whose window of two to four hours, on the half hour, holds the story's start; or
    would, were it not so many hours later (negative: earlier; five are enough to miss it)."""
    half_hour_ns = 1_800 * NS_PER_S
    opens_ns = (stage.start_ns // half_hour_ns - stage.truth.between(1, 3)) * half_hour_ns
    closes_ns = opens_ns + stage.truth.between(5, 8) * half_hour_ns
    opens_ns, closes_ns = (moment + 2 * away_h * half_hour_ns for moment in (opens_ns, closes_ns))
    return {
        f"{prefix}change_number": f"CHG{stage.names.between(30_000, 69_999):07d}",
        f"{prefix}other_change": f"CHG{stage.names.between(10_000, 29_999):07d}",
        f"{prefix}window_start": f"{to_datetime(opens_ns):%H:%M}",
        f"{prefix}window_end": f"{to_datetime(closes_ns):%H:%M}",
    }

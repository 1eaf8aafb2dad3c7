"""Sensors that listen at a tap: packets, alerts, flows, protocol logs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tickets.engine.types import Alert, Location
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.sensors import argus, nfdump, snort, suricata_eve, suricata_fast, zeek_conn, zeek_logs
from tickets.simulator.sensors.alarms import Fired, find_fired
from tickets.simulator.sensors.flow_halves import Exporter, Half, export_halves
from tickets.simulator.sensors.lines import Ends, LogLine
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.suricata_eve import Release, Setup
from tickets.simulator.sensors.zeek_connections import Connection
from tickets.simulator.sensors.zeek_format import Style
from tickets.simulator.writers.place import ZONE, Options, Place, Sensor, Told, Writer, Written, put_lines

STYLE: Options = {"style": ("text", "json")}
SAMPLED: Options = {"one_in": ("1", "10", "100", "512", "1000")}
UID = re.compile(r"\bC[0-9A-Za-z]{17}\b")
MOMENT = re.compile(r"\b(\d{10})\.(\d{1,6})\b")


def _pcap(place: Place) -> Written:
    """`second_tap` makes it the file of a sensor with two taps."""
    keys = [key for key in (place.options.get("second_tap", ""),) if key]
    return Written(data=write_capture(place.recording, *map(place.scene.recording, keys)))


def _eve(place: Place) -> Written:
    releases = {"6": Release.SIX, "7": Release.SEVEN, "8": Release.EIGHT}
    setup = Setup(release=releases[place.options.get("release", "8")])
    data, alerts = suricata_eve.write_eve_log(place.recording, place.scene.alarms, place.chance, setup)
    return Written(data=data, alerts=alerts)


def _alert_lines(source: str, write: Callable[..., bytes]) -> Writer:
    """A sensor that writes a line an alert and no more. Snort leaves out the year, and its columns much of the rule: the
    ticket prints the line and says the rest."""

    def write_lines(place: Place) -> Written:
        data = write(place.recording, place.scene.alarms, east_s=place.east_s)
        found = find_fired(place.recording, place.scene.alarms)
        texts = data.decode().splitlines()
        alerts = [_print_alert(fired, source, text) for fired, text in zip(found, texts, strict=True)]
        if source == "suricata.fast":
            alerts = [replace(alert, location=Location("", at)) for at, alert in enumerate(alerts, 1)]
        return Written(data=data, alerts=tuple(alerts))

    return write_lines


def _print_alert(fired: Fired, source: str, text: str) -> Alert:
    packet, signature = fired.seen.packet, fired.alarm.signature
    return Alert(
        protocol=fired.flow.dialogue.protocol,
        src=packet.src.endpoint,
        dst=packet.dst.endpoint,
        source=source,
        time_ns=fired.seen.time_ns,
        sid=signature.sid,
        rev=signature.rev,
        message=signature.message,
        category=signature.category,
        severity=signature.severity,
        raw=text,
    )


# -- Zeek -----------------------------------------------------------------------------------------


def _style(place: Place) -> Style:
    return Style.JSON if place.options.get("style") == "json" else Style.TEXT


def _zeek_conn(place: Place) -> Written:
    connections = place.scene.connections(place.tap)
    data = zeek_conn.write_connections(connections, _style(place))
    return Written(
        data=data, lines=_lines_of(data, connections, {item.uid: item.written_ns for item in connections})
    )


def _zeek(write: Callable[..., bytes]) -> Writer:
    """A protocol's log: its lines name their connections, and when what they tell of began."""

    def write_lines(place: Place) -> Written:
        connections = place.scene.connections(place.tap)
        data = write(connections, _style(place))
        return Written(data=data, lines=_lines_of(data, connections, {}))

    return write_lines


def _lines_of(
    data: bytes, connections: Sequence[Connection], written_ns: Mapping[str, int]
) -> tuple[Told, ...]:
    by_uid = {item.uid: item for item in connections}
    told = []
    for number, text in enumerate(data.decode().splitlines(), 1):
        uid, moment = UID.search(text), MOMENT.search(text)
        if uid is None or moment is None or text.startswith("#"):
            continue
        connection = by_uid[uid[0]]
        began_ns = int(moment[1]) * NS_PER_S + int(moment[2].ljust(6, "0")) * 1_000
        account = connection.account
        told.append(
            Told(
                number,
                written_ns.get(uid[0], began_ns),
                account.flow.dialogue,
                text,
                (account.orig, account.resp),
            )
        )
    return tuple(told)


def _zeek_notice(place: Place) -> Written:
    data = zeek_logs.write_notice_log(
        place.scene.programs.notices, place.scene.connections(place.tap), _style(place)
    )
    return Written(data=data)


# -- Flows ----------------------------------------------------------------------------------------


def _argus(place: Place) -> Written:
    lines = argus.write_argus_lines(place.recording, east_s=place.east_s)
    return put_lines(lines, data=argus.encode_argus_csv(lines), before=1)


def _nfdump(place: Place) -> Written:
    halves = _halves(place)
    data = nfdump.write_nfdump_csv(halves, east_s=place.east_s)
    return put_lines(_rows(data, halves, [(half.src, half.dst) for half in halves]), data=data, before=1)


def _nfdump_48(place: Place) -> Written:
    halves = _halves(place)
    data = nfdump.write_nfdump_csv48(halves, _exporter(place), east_s=place.east_s)
    return put_lines(_rows(data, halves, [(half.src, half.dst) for half in halves]), data=data, before=1)


def _nfdump_merged(place: Place) -> Written:
    halves = _halves(place)
    data = nfdump.write_nfdump_merged(halves, _exporter(place), east_s=place.east_s)
    rows = nfdump.merge_halves(halves)
    firsts = [_first_half(halves, row) for row in rows]
    return put_lines(_rows(data, firsts, [(row.src, row.dst) for row in rows]), data=data, before=1)


def _halves(place: Place) -> tuple[Half, ...]:
    exporter = Exporter(one_in=int(place.options.get("one_in", "1")))
    return export_halves(place.recording, exporter, place.chance)


def _exporter(place: Place) -> str:
    return place.options.get("exporter", place.scene.firewall.address)


def _first_half(halves: Sequence[Half], row: nfdump.Row) -> Half:
    ends = {row.src, row.dst}
    return next(half for half in halves if half.protocol is row.protocol and {half.src, half.dst} == ends)


def _rows(data: bytes, halves: Sequence[Half], ends: Sequence[Ends]) -> list[LogLine]:
    """A row for each half, below one line of names."""
    texts = data.decode().splitlines()[1:]
    return [
        LogLine(half.exported_ns, text, half.flow.dialogue, printed)
        for half, text, printed in zip(halves, texts, ends, strict=True)
    ]


AT_TAPS: Mapping[str, Sensor] = {
    "pcap": Sensor("capture.pcap", _pcap, {"second_tap": ()}),
    "suricata_eve": Sensor(suricata_eve.FILE, _eve, {"release": ("6", "7", "8")}),
    "suricata_fast": Sensor(
        suricata_fast.FILE, _alert_lines("suricata.fast", suricata_fast.write_fast_log), ZONE
    ),
    "snort_fast": Sensor("alert_fast.txt", _alert_lines("snort.fast", snort.write_alert_fast), ZONE),
    "snort_csv": Sensor("alert_csv.txt", _alert_lines("snort.csv", snort.write_alert_csv), ZONE),
    "snort_json": Sensor("alert_json.txt", _alert_lines("snort.json", snort.write_alert_json), ZONE),
    "zeek_conn": Sensor("conn.log", _zeek_conn, STYLE),
    "zeek_http": Sensor("http.log", _zeek(zeek_logs.write_http_log), STYLE),
    "zeek_dns": Sensor("dns.log", _zeek(zeek_logs.write_dns_log), STYLE),
    "zeek_ssl": Sensor("ssl.log", _zeek(zeek_logs.write_ssl_log), STYLE),
    "zeek_ssh": Sensor("ssh.log", _zeek(zeek_logs.write_ssh_log), STYLE),
    "zeek_notice": Sensor("notice.log", _zeek_notice, STYLE),
    "argus": Sensor(argus.FILE, _argus, ZONE),
    "nfdump": Sensor(nfdump.FILE, _nfdump, ZONE | SAMPLED),
    "nfdump_48": Sensor(nfdump.FILE, _nfdump_48, ZONE | SAMPLED | {"exporter": ()}),
    "nfdump_merged": Sensor(nfdump.FILE, _nfdump_merged, ZONE | SAMPLED | {"exporter": ()}),
}

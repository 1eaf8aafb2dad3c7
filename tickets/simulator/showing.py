"""The sensors by the names that scenario files use: what each writes about a scene, and what may be asked of it.

A sensor that reads a tap writes of what passed there; a device in the middle writes of all that reached it; a
host's own log is written at a tap on its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tickets.engine.types import Alert, Endpoint
from tickets.simulator.network import Dialogue, Host
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording
from tickets.simulator.scene import Scene
from tickets.simulator.sensors import (
    argus,
    aws_vpc,
    azure_flow_logs,
    cisco_asa,
    cowrie,
    dionaea,
    ecs,
    fortigate,
    google_cloud,
    honeytrap,
    netfilter,
    nfdump,
    openssh,
    palo_alto,
    pfsense,
    pipeline_events,
    siem_lines,
    snort,
    suricata_eve,
    suricata_fast,
    tpot,
    windows_filtering,
    windows_firewall,
    zeek_conn,
    zeek_logs,
)
from tickets.simulator.sensors.alarms import find_fired
from tickets.simulator.sensors.flow_halves import Exporter, Half, export_halves
from tickets.simulator.sensors.lines import LogLine, encode_lines
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.suricata_eve import Release, Setup
from tickets.simulator.sensors.zeek_format import Style
from tickets.simulator.setting import ShownSensor

NS_PER_S = 1_000_000_000


class Told(NamedTuple):
    """One line of a file: what it is about, when it was written, which ends it prints (none: those of the dialogue)."""

    number: int
    time_ns: int
    dialogue: Dialogue
    text: str
    ends: tuple[Endpoint, Endpoint] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of evidence, its lines as far as a rule can name one, and the alerts in it."""

    data: bytes
    lines: tuple[Told, ...] = ()
    alerts: tuple[Alert, ...] = ()


class Place(NamedTuple):
    """All that a writer gets: the scene, which tap, the options, a stream of chance of its own."""

    scene: Scene
    tap: str
    options: Mapping[str, str]
    chance: Stream

    @property
    def recording(self) -> Recording:
        return self.scene.recording(self.tap)

    @property
    def host(self) -> Host:
        """The machine whose log it is: the option `host`, else the one on whose card the tap is."""
        if key := self.options.get("host"):
            return self.scene.hosts[key]
        host = self.recording.tap.host
        if host is None:
            raise ValueError(f"The tap {self.tap or 'of this sensor'!r} is on no host's own card.")
        return host

    @property
    def east_s(self) -> int:
        """Seconds east of UTC in which the device prints its times."""
        return 3600 * int(self.options.get("hours_east", "0"))


Writer = Callable[[Place], Written]


@dataclass(frozen=True, slots=True)
class Sensor:
    """`options` are the values that each may have; none: any text. `reads_tap` sensors need a tap."""

    file: str
    write: Writer
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_tap: bool = True


def show(scene: Scene, sensor: ShownSensor) -> Written:
    """The file of one sensor."""
    known = SENSORS[sensor.sensor]
    chance = scene.chance.child(f"{sensor.sensor} {sensor.tap} {sorted(sensor.options.items())}")
    return known.write(Place(scene, sensor.tap, sensor.options, chance))


def name_files(sensors: Sequence[ShownSensor], scene: Scene) -> list[str]:
    """A file's name is its sensor's; where two sensors write under one name, each carries its tap or host before it."""
    plain = [SENSORS[sensor.sensor].file for sensor in sensors]
    names: list[str] = []
    for sensor, name in zip(sensors, plain, strict=True):
        if plain.count(name) > 1:
            key = sensor.options.get("host", "")
            where = scene.hosts[key].name if key else scene.recording(sensor.tap).tap.name
            name = f"{where}-{name}"
        while name in names:
            stem, dot, ending = name.rpartition(".")
            name = f"{stem}-2{dot}{ending}"
        names.append(name)
    return names


# -- Putting lines together -----------------------------------------------------------------------


def _lines(lines: Sequence[LogLine], *, data: bytes | None = None, before: int = 0) -> Written:
    """A log whose lines begin after `before` lines of head."""
    return Written(
        data=encode_lines(lines) if data is None else data,
        lines=tuple(
            Told(number, line.time_ns, line.dialogue, line.text)
            for number, line in enumerate(lines, before + 1)
        ),
    )


def _head_lines(data: bytes, count: int) -> int:
    """How many lines stand before the last `count`."""
    return data.count(b"\n") - count


# -- At a tap -------------------------------------------------------------------------------------


def _pcap(place: Place) -> Written:
    return Written(data=write_capture(place.recording))


def _eve(place: Place) -> Written:
    releases = {"6": Release.SIX, "7": Release.SEVEN, "8": Release.EIGHT}
    setup = Setup(release=releases[place.options.get("release", "8")])
    data, alerts = suricata_eve.write_eve_log(place.recording, place.scene.alarms, place.chance, setup)
    return Written(data=data, alerts=alerts)


def _alert_lines(source: str, write: Callable[..., bytes]) -> Writer:
    """A sensor that writes a line an alert and no more."""

    def write_lines(place: Place) -> Written:
        data = write(place.recording, place.scene.alarms, east_s=place.east_s)
        texts = data.decode().splitlines()
        alerts = [
            Alert(
                protocol=fired.flow.dialogue.protocol,
                src=fired.seen.packet.src.endpoint,
                dst=fired.seen.packet.dst.endpoint,
                source=source,
                time_ns=fired.seen.time_ns,
                sid=fired.alarm.signature.sid,
                rev=fired.alarm.signature.rev,
                message=fired.alarm.signature.message,
                category=fired.alarm.signature.category,
                severity=fired.alarm.signature.severity,
                raw=text,
            )
            for fired, text in zip(
                find_fired(place.recording, place.scene.alarms), texts[-len(texts) :], strict=True
            )
        ]
        return Written(data=data, alerts=tuple(alerts))

    return write_lines


def _style(place: Place) -> Style:
    return Style.JSON if place.options.get("style") == "json" else Style.TEXT


def _zeek_conn(place: Place) -> Written:
    connections = place.scene.connections(place.tap)
    data = zeek_conn.write_connections(connections, _style(place))
    head = 0 if _style(place) is Style.JSON else _zeek_head(data)
    texts = data.decode().splitlines()
    lines = tuple(
        Told(
            head + at,
            connection.written_ns,
            connection.account.flow.dialogue,
            texts[head + at - 1],
            (connection.account.orig, connection.account.resp),
        )
        for at, connection in enumerate(connections, 1)
    )
    return Written(data=data, lines=lines)


def _zeek_head(data: bytes) -> int:
    """Zeek's text logs begin with lines of `#`."""
    lines = data.split(b"\n")
    return next((at for at, line in enumerate(lines) if not line.startswith(b"#")), len(lines))


def _zeek(write: Callable[..., bytes]) -> Writer:
    return lambda place: Written(data=write(place.scene.connections(place.tap), _style(place)))


def _zeek_notice(place: Place) -> Written:
    data = zeek_logs.write_notice_log(
        place.scene.programs.notices, place.scene.connections(place.tap), _style(place)
    )
    return Written(data=data)


def _argus(place: Place) -> Written:
    return Written(data=argus.write_argus_csv(place.recording, east_s=place.east_s))


def _halves(place: Place) -> tuple[Half, ...]:
    exporter = Exporter(one_in=int(place.options.get("one_in", "1")))
    return export_halves(place.recording, exporter, place.chance)


def _nfdump(place: Place) -> Written:
    halves = _halves(place)
    data = nfdump.write_nfdump_csv(halves, east_s=place.east_s)
    texts, head = data.decode().splitlines(), _head_lines(data, len(halves))
    lines = tuple(
        Told(head + at, half.exported_ns, half.flow.dialogue, texts[head + at - 1], (half.src, half.dst))
        for at, half in enumerate(halves, 1)
    )
    return Written(data=data, lines=lines)


def _nfdump_wide(write: Callable[..., bytes]) -> Writer:
    def write_rows(place: Place) -> Written:
        exporter_ip = place.options.get("exporter", place.scene.firewall.address)
        return Written(data=write(_halves(place), exporter_ip, east_s=place.east_s))

    return write_rows


# -- In the middle --------------------------------------------------------------------------------


def _asa(place: Place) -> Written:
    denials = {
        "access_group": cisco_asa.Denial.ACCESS_GROUP,
        "logged_entry": cisco_asa.Denial.LOGGED_ENTRY,
        "security_levels": cisco_asa.Denial.SECURITY_LEVELS,
    }
    lines = cisco_asa.write_asa_log(
        place.scene.dialogues,
        place.scene.firewall,
        place.chance,
        denial=denials[place.options.get("denial", "access_group")],
        east_s=place.east_s,
        tells_translations=place.options.get("translations") == "yes",
    )
    return _lines(lines, data=cisco_asa.encode_asa_log(lines))


def _tool(place: Place) -> netfilter.Tool:
    return netfilter.Tool(place.options.get("tool", "iptables"))


def _netfilter(place: Place) -> Written:
    scene = place.scene
    lines = netfilter.write_netfilter_log(
        scene.dialogues, scene.firewall, place.chance, tool=_tool(place), east_s=place.east_s
    )
    return _lines(lines)


def _host_netfilter(place: Place) -> Written:
    lines = netfilter.write_host_netfilter_log(
        place.recording, place.chance, tool=_tool(place), east_s=place.east_s
    )
    return _lines(lines)


def _pfsense(place: Place) -> Written:
    return _lines(pfsense.write_filterlog(place.scene.dialogues, place.scene.firewall, east_s=place.east_s))


def _panos_traffic(place: Place) -> Written:
    scene = place.scene
    return _lines(
        palo_alto.write_traffic_log(scene.dialogues, scene.firewall, place.chance, east_s=place.east_s)
    )


def _panos_threat(place: Place) -> Written:
    scene = place.scene
    lines = palo_alto.write_threat_log(
        scene.programs.threats, scene.dialogues, scene.firewall, place.chance, east_s=place.east_s
    )
    return _lines(lines)


def _fortigate(place: Place) -> Written:
    scene = place.scene
    return _lines(
        fortigate.write_fortigate_log(scene.dialogues, scene.firewall, place.chance, east_s=place.east_s)
    )


# -- On a host ------------------------------------------------------------------------------------


def _windows_firewall(place: Place) -> Written:
    lines = windows_firewall.write_windows_firewall_log(
        place.recording,
        blocked=place.scene.programs.blocked,
        tells_allowed=place.options.get("allowed", "yes") == "yes",
        east_s=place.east_s,
    )
    data = windows_firewall.encode_windows_firewall_log(lines)
    return _lines(lines, data=data, before=_head_lines(data, len(lines)))


def _windows_filtering(place: Place) -> Written:
    first = {
        "remote": windows_filtering.Rendering.REMOTE_FIRST,
        "local": windows_filtering.Rendering.LOCAL_FIRST,
    }
    events = windows_filtering.write_filtering_events(
        place.recording,
        place.chance,
        rendering=first[place.options.get("first", "remote")],
        blocked=place.scene.programs.blocked,
    )
    encode = (
        windows_filtering.encode_xml if place.options.get("style") == "xml" else windows_filtering.encode_json
    )
    return _lines(encode(events))


def _openssh(place: Place) -> Written:
    """The sessions with a login that the host's SSH server took."""
    sessions = [
        dialogue
        for dialogue in place.scene.dialogues
        if dialogue.service == "ssh" and dialogue.server.host.ip == place.host.ip and "user" in dialogue.said
    ]
    return Written(data=b"".join(openssh.write_auth_log(dialogue, place.chance) for dialogue in sessions))


# -- Clouds ---------------------------------------------------------------------------------------


def _aws(place: Place) -> Written:
    version = aws_vpc.Version.FIVE if place.options.get("version") == "5" else aws_vpc.Version.DEFAULT
    lines = aws_vpc.write_vpc_log(
        place.scene.dialogues, place.scene.firewall, place.host, place.chance, version=version
    )
    data = aws_vpc.encode_vpc_log(lines, version)
    return _lines(lines, data=data, before=_head_lines(data, len(lines)))


def _azure(write: Callable[..., bytes]) -> Writer:
    return lambda place: Written(
        data=write(place.scene.dialogues, place.scene.firewall, place.host, place.chance)
    )


def _gcp_flows(place: Place) -> Written:
    one_in = int(place.options.get("one_in", "1"))
    return _lines(google_cloud.write_vpc_flows(place.recording, place.chance, one_in=one_in))


def _gcp_firewall(place: Place) -> Written:
    return _lines(
        google_cloud.write_firewall_rules_log(place.scene.dialogues, place.scene.firewall, place.host)
    )


# -- Decoys ---------------------------------------------------------------------------------------


def _mhn(place: Place) -> Written:
    lines = dionaea.write_mhn_log(
        place.scene.dialogues, place.host, place.scene.identifier(place.host), place.chance
    )
    return _lines(lines, data=dionaea.encode_lines(lines))


def _dionaea_lines(write: Callable[..., Sequence[LogLine]]) -> Writer:
    def write_lines(place: Place) -> Written:
        lines = write(place.scene.dialogues, place.host, place.chance)
        return _lines(lines, data=dionaea.encode_lines(lines))

    return write_lines


def _hpfeeds(place: Place) -> Written:
    lines = dionaea.write_hpfeeds(
        place.scene.dialogues, place.host, place.chance, place.scene.programs.captures
    )
    return _lines(lines, data=dionaea.encode_lines(lines))


def _session_tree(place: Place) -> Written:
    return Written(data=dionaea.write_session_tree(place.scene.dialogues, place.host, place.chance))


def _cowrie_lines(place: Place) -> Sequence[LogLine]:
    return cowrie.write_cowrie_log(
        place.scene.dialogues, place.host, place.chance, place.scene.programs.visits, place.host.name
    )


def _cowrie(place: Place) -> Written:
    return _lines(_cowrie_lines(place))


def _honeytrap(place: Place) -> Written:
    return _lines(honeytrap.write_honeytrap_log(place.scene.dialogues, place.host))


def _tpot(place: Place) -> Written:
    """T-Pot's index of one of its decoys."""
    host = place.host
    machine = tpot.Machine(name=host.name, inner_ip=place.options.get("inner", host.ip), outer_ip=host.ip)
    kind = place.options.get("decoy", "dionaea")
    if kind == "redis":
        return _lines(tpot.index_redis(place.scene.dialogues, machine))
    lines: Sequence[LogLine]
    if kind == "dionaea":
        lines = dionaea.write_dionaea_json(place.scene.dialogues, host, place.chance)
    elif kind == "cowrie":
        lines = _cowrie_lines(place)
    else:
        lines = honeytrap.write_honeytrap_log(place.scene.dialogues, host)
    return _lines(tpot.index_lines(kind.capitalize(), lines, machine))


# -- Pipelines ------------------------------------------------------------------------------------


def _events(place: Place) -> tuple[pipeline_events.Event, ...]:
    """What came in to the pipeline (option `of`), and how it chose its source."""
    scene, kind = place.scene, place.options.get("of", "alerts")
    if kind == "alerts":
        own = place.options.get("counts") == "own"
        mapping = pipeline_events.Mapping.MATCHING if own else pipeline_events.Mapping.PACKET_ENDS_FLOW_COUNTS
        return pipeline_events.map_alerts(place.recording, scene.alarms, mapping)
    if kind == "denials":
        return pipeline_events.map_denials(scene.dialogues, scene.firewall)
    if kind == "sessions":
        return pipeline_events.map_sessions(scene.dialogues, scene.firewall)
    lower = place.options.get("source") == "higher_port"
    rule = pipeline_events.EndRule.LOWER_PORT_IS_SERVER if lower else pipeline_events.EndRule.FIRST_PACKET
    return pipeline_events.map_flows(place.recording, rule)


def _pipeline(write: Callable[[Place, Sequence[pipeline_events.Event]], Sequence[LogLine]]) -> Writer:
    def write_events(place: Place) -> Written:
        events = _events(place)
        lines = write(place, events)
        told = tuple(
            Told(number, line.time_ns, line.dialogue, line.text, (event.src.endpoint, event.dst.endpoint))
            for number, (line, event) in enumerate(zip(lines, events, strict=True), 1)
        )
        return Written(data=encode_lines(lines), lines=told)

    return write_events


HOURS = tuple(str(hours) for hours in range(-12, 15))
ZONE = {"hours_east": HOURS}
STYLE = {"style": ("text", "json")}
TOOL = {"tool": ("iptables", "nftables")}
HOST: dict[str, tuple[str, ...]] = {"host": ()}
SAMPLED = {"one_in": ("1", "10", "100", "512", "1000")}
OF = {
    "of": ("alerts", "denials", "sessions", "flows"),
    "counts": ("flow", "own"),
    "source": ("first_packet", "higher_port"),
}

SENSORS: Mapping[str, Sensor] = {
    "pcap": Sensor("capture.pcap", _pcap),
    "suricata_eve": Sensor(suricata_eve.FILE, _eve, {"release": ("6", "7", "8")}),
    "suricata_fast": Sensor(suricata_fast.FILE, _alert_lines("suricata", suricata_fast.write_fast_log), ZONE),
    "snort_fast": Sensor("alert_fast.txt", _alert_lines("snort", snort.write_alert_fast), ZONE),
    "snort_csv": Sensor("alert_csv.txt", _alert_lines("snort", snort.write_alert_csv), ZONE),
    "snort_json": Sensor("alert_json.txt", _alert_lines("snort", snort.write_alert_json), ZONE),
    "zeek_conn": Sensor("conn.log", _zeek_conn, STYLE),
    "zeek_http": Sensor("http.log", _zeek(zeek_logs.write_http_log), STYLE),
    "zeek_dns": Sensor("dns.log", _zeek(zeek_logs.write_dns_log), STYLE),
    "zeek_ssl": Sensor("ssl.log", _zeek(zeek_logs.write_ssl_log), STYLE),
    "zeek_ssh": Sensor("ssh.log", _zeek(zeek_logs.write_ssh_log), STYLE),
    "zeek_notice": Sensor("notice.log", _zeek_notice, STYLE),
    "argus": Sensor(argus.FILE, _argus, ZONE),
    "nfdump": Sensor(nfdump.FILE, _nfdump, ZONE | SAMPLED),
    "nfdump_48": Sensor(
        nfdump.FILE, _nfdump_wide(nfdump.write_nfdump_csv48), ZONE | SAMPLED | {"exporter": ()}
    ),
    "nfdump_merged": Sensor(
        nfdump.FILE, _nfdump_wide(nfdump.write_nfdump_merged), ZONE | SAMPLED | {"exporter": ()}
    ),
    "cisco_asa": Sensor(
        cisco_asa.FILE,
        _asa,
        ZONE
        | {
            "denial": ("access_group", "logged_entry", "security_levels"),
            "translations": ("yes", "no"),
        },
        reads_tap=False,
    ),
    "netfilter": Sensor(netfilter.FILE, _netfilter, ZONE | TOOL, reads_tap=False),
    "host_netfilter": Sensor(netfilter.FILE, _host_netfilter, ZONE | TOOL),
    "pfsense": Sensor(pfsense.FILE, _pfsense, ZONE, reads_tap=False),
    "palo_alto_traffic": Sensor("traffic.csv", _panos_traffic, ZONE, reads_tap=False),
    "palo_alto_threat": Sensor("threat.csv", _panos_threat, ZONE, reads_tap=False),
    "fortigate": Sensor(fortigate.FILE, _fortigate, ZONE, reads_tap=False),
    "windows_firewall": Sensor(windows_firewall.FILE, _windows_firewall, ZONE | {"allowed": ("yes", "no")}),
    "windows_filtering": Sensor(
        "security-events.log", _windows_filtering, {"style": ("json", "xml"), "first": ("remote", "local")}
    ),
    "openssh": Sensor(openssh.FILE, _openssh, HOST, reads_tap=False),
    "aws_vpc": Sensor(aws_vpc.FILE, _aws, HOST | {"version": ("2", "5")}, reads_tap=False),
    "azure_nsg": Sensor("nsg-flow.json", _azure(azure_flow_logs.write_nsg_flow_log), HOST, reads_tap=False),
    "azure_vnet": Sensor(
        "vnet-flow.json", _azure(azure_flow_logs.write_vnet_flow_log), HOST, reads_tap=False
    ),
    "gcp_flows": Sensor("vpc-flows.json", _gcp_flows, SAMPLED),
    "gcp_firewall": Sensor("firewall-rules.json", _gcp_firewall, HOST, reads_tap=False),
    "dionaea_mhn": Sensor(dionaea.MHN_FILE, _mhn, HOST, reads_tap=False),
    "dionaea_json": Sensor(
        dionaea.JSON_FILE, _dionaea_lines(dionaea.write_dionaea_json), HOST, reads_tap=False
    ),
    "dionaea_hpfeeds": Sensor(dionaea.HPFEEDS_FILE, _hpfeeds, HOST, reads_tap=False),
    "dionaea_arcsight": Sensor(
        dionaea.CEF_FILE, _dionaea_lines(dionaea.write_arcsight_log), HOST, reads_tap=False
    ),
    "dionaea_sessions": Sensor(dionaea.TREE_FILE, _session_tree, HOST, reads_tap=False),
    "cowrie": Sensor(cowrie.FILE, _cowrie, HOST, reads_tap=False),
    "honeytrap": Sensor(honeytrap.FILE, _honeytrap, HOST, reads_tap=False),
    "tpot": Sensor(
        tpot.FILE,
        _tpot,
        HOST | {"decoy": ("dionaea", "cowrie", "honeytrap", "redis"), "inner": ()},
        reads_tap=False,
    ),
    "ecs": Sensor(ecs.FILE, _pipeline(lambda _, events: ecs.write_ecs(events)), OF),
    "cef": Sensor(
        "siem.cef",
        _pipeline(lambda place, events: siem_lines.write_cef(events, east_s=place.east_s)),
        OF | ZONE,
    ),
    "leef": Sensor(
        "siem.leef",
        _pipeline(
            lambda place, events: siem_lines.write_leef(
                events, version=int(place.options.get("version", "2")), east_s=place.east_s
            )
        ),
        OF | ZONE | {"version": ("1", "2")},
    ),
    "cim": Sensor("siem.json", _pipeline(lambda _, events: siem_lines.write_cim(events)), OF),
}

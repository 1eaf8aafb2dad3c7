"""Lesson 2, Did it succeed: what became of an attempt."""

from __future__ import annotations

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.messages import tds
from tickets.simulator.network import Dialogue, Firewall, Host, Socket, Zone
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import Recording, record
from tickets.simulator.sensors import cisco_asa, dionaea, suricata_eve
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.suricata_eve import Alarm, Signature
from tickets.simulator.sensors.zeek_conn import write_conn_log
from tickets.simulator.simulation import Simulation, build_simulation, print_siem_alert
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import WINDOWS

DECOY_IP = "192.0.2.50"
EXTRANET_IP = "192.0.2.10"
RARE_PORTS = (2222, 3390, 5555, 5900, 6379, 7070, 8291, 9200)
FTP_BANNER = b"220 Welcome to the ftp service\r\n"
SQL_VERSION = bytes.fromhex("08000194")
TOOL_VERSION = bytes.fromhex("09000000")
PASSWORDS = ("Passw0rd!", "P@ssw0rd", "Admin123", "sql2019", "Summer2025", "qwerty12")

RDP_REACHED = Signature(
    sid=1900022,
    rev=1,
    message="TRAINING ACCESS RDP connection attempt from Internet to a host",
    category="Attempted Information Leak",
    severity=2,
)
DECOY_CONTACT = Signature(
    sid=1900030,
    rev=1,
    message="TRAINING DECOY connection to honeypot",
    category="Misc Attack",
    severity=1,
)


def play_closed_port(stage: Stage) -> Simulation:
    """T011: the firewall lets a knock through, and the host has no service there."""
    host = stage.server("extranet-1", Zone.DMZ, EXTRANET_IP, system=WINDOWS, listens=(443,))
    stranger, visitor = stage.stranger(), stage.stranger(system=WINDOWS)
    firewall = stage.firewall((EXTRANET_IP, 443), (EXTRANET_IP, 3389))
    lesson = stage.knock(stage.socket(stranger), Socket(host, 3389), stage.start_ns, firewall)
    before, between, after = stage.moments(3, 20)
    dialogues = [
        lesson,
        stage.read_page(stage.socket(visitor), stage.web_server, before),
        stage.set_clock(host, stage.stranger(), between),
        stage.look_up(stage.web_server, stage.web_site(), after),
        stage.read_page(stage.socket(stage.stranger()), stage.web_server, after + NS_PER_S),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.set_clock(stage.web_server, stage.stranger(), between + 300 * MS))
    recording = record(dialogues, stage.tap("ids-dmz", Zone.DMZ), firewall)
    eve, alert = suricata_eve.write_eve(
        recording, Alarm(signature=RDP_REACHED, dialogue=lesson, packet=0), stage.noise
    )
    assert alert is not None
    lines = cisco_asa.write_asa_log(tuple(dialogues), firewall, stage.noise)
    files = (
        ("capture.pcap", write_capture(recording)),
        (suricata_eve.FILE, eve),
        ("conn.log", write_conn_log(recording, stage.noise)),
        (cisco_asa.FILE, cisco_asa.encode_asa_log(lines)),
    )
    return build_simulation(
        "closed_port",
        stage,
        recording,
        lesson,
        files=files,
        alert=alert,
        outcome=Outcome.REFUSED,
        values={"list_day": f"{stage.names.between(3, 27)} February 2026"},
    )


def play_decoy_knock(stage: Stage) -> Simulation:
    """T013: a SYN to a port where the decoy has no service; its network card saw the reset."""
    decoy, firewall = _decoy(stage), stage.firewall()
    port = stage.truth.pick(RARE_PORTS)
    lesson = stage.knock(stage.socket(stage.stranger()), Socket(decoy, port), stage.start_ns, firewall)
    other_port = stage.noise.pick([rare for rare in RARE_PORTS if rare != port])
    dialogues = _decoy_background(stage, decoy, firewall, other_port)
    recording = record([lesson, *dialogues], stage.tap("decoy-1", Zone.DECOYS, decoy), firewall)
    sensor = _sensor_id(stage.names)
    lines = dionaea.write_mhn_log((lesson, *dialogues), decoy, sensor, stage.noise)
    return _decoy_simulation(
        "decoy_knock",
        stage,
        recording,
        lesson,
        lines,
        dionaea.MHN_FILE,
        Outcome.REFUSED,
        {"decoy_sensor": sensor},
    )


def play_decoy_logins(stage: Stage) -> Simulation:
    """T014: two logins on the decoy's database service; the same source had tried its file service before."""
    decoy, firewall = _decoy(stage), stage.firewall()
    stranger = stage.stranger(system=WINDOWS)
    lesson = _log_in_twice(stage, stage.socket(stranger), Socket(decoy, 1433))
    earlier_ns = stage.start_ns - stage.noise.between(25, 55) * NS_PER_S
    touch = stage.knock(stage.socket(stranger), Socket(decoy, 445), earlier_ns, firewall)
    dialogues = [touch, *_decoy_background(stage, decoy, firewall, stage.noise.pick(RARE_PORTS))]
    recording = record([lesson, *dialogues], stage.tap("decoy-1", Zone.DECOYS, decoy), firewall)
    lines = dionaea.write_dionaea_json((lesson, *dialogues), decoy, stage.noise)
    return _decoy_simulation(
        "decoy_logins", stage, recording, lesson, lines, dionaea.JSON_FILE, Outcome.ESTABLISHED, {}
    )


def _decoy(stage: Stage) -> Host:
    return stage.server("decoy-1", Zone.DECOYS, DECOY_IP, listens=tuple(dionaea.MODULES))


def _decoy_background(stage: Stage, decoy: Host, firewall: Firewall, port: int) -> list[Dialogue]:
    """What a decoy sees on any day: another knock, another touch, and its own housekeeping."""
    before, between, after, late, last = stage.moments(5, 90)
    dialogues = [
        stage.knock(stage.socket(stage.stranger()), Socket(decoy, port), before, firewall),
        _touch_ftp(stage, stage.socket(stage.stranger()), Socket(decoy, 21), between),
        stage.set_clock(decoy, stage.stranger(), after),
        stage.knock(stage.socket(stage.stranger()), Socket(decoy, 445), late, firewall),
    ]
    if stage.noise.happens(70):
        visitor = stage.socket(stage.stranger())
        dialogues.append(stage.knock(visitor, Socket(decoy, stage.noise.pick((21, 445))), last, firewall))
    return dialogues


def _touch_ftp(stage: Stage, client: Socket, server: Socket, start_ns: int) -> Dialogue:
    """A greeting is read and the connection let go of."""
    talk = stage.talk(client, server, start_ns)
    talk.shake_hands()
    talk.say(talk.server, FTP_BANNER, stage.noise.about(3 * MS))
    talk.part(talk.client, stage.noise.about(400 * MS))
    return talk.end("ftp")


def _log_in_twice(stage: Stage, client: Socket, server: Socket) -> Dialogue:
    """TDS prelogin, then two passwords for sa. The decoy says yes to every login."""
    passwords = ("sa", stage.names.pick(PASSWORDS))
    tool = f"DESKTOP-{stage.names.take(3).hex().upper()}"
    talk = stage.talk(client, server, stage.start_ns)
    talk.shake_hands()
    talk.say(talk.client, tds.write_tds_prelogin(TOOL_VERSION, is_answer=False), stage.noise.about(3 * MS))
    talk.say(talk.server, tds.write_tds_prelogin(SQL_VERSION, is_answer=True), stage.noise.about(5 * MS))
    for password in passwords:
        login = tds.write_tds_login("sa", password, tool, server.host.ip)
        talk.say(talk.client, login, stage.noise.about(120 * MS))
        talk.say(talk.server, tds.write_tds_login_answer(), stage.noise.about(6 * MS))
    talk.part(talk.client, stage.noise.about(250 * MS))
    return talk.end("tds", {"logins": "\n".join(f"sa\t{password}" for password in passwords)})


def _sensor_id(names: Stream) -> str:
    text = names.take(16).hex()
    return f"{text[:8]}-{text[8:12]}-11f0-a{text[13:16]}-{text[16:28]}"


def _decoy_simulation(
    story: str,
    stage: Stage,
    recording: Recording,
    lesson: Dialogue,
    lines: tuple[dionaea.DecoyLine, ...],
    file: str,
    outcome: Outcome,
    values: dict[str, str],
) -> Simulation:
    eve, _ = suricata_eve.write_eve(recording, None, stage.noise)
    number, line = next((at, line) for at, line in enumerate(lines, 1) if line.dialogue is lesson)
    files = (
        ("capture.pcap", write_capture(recording)),
        (suricata_eve.FILE, eve),
        ("conn.log", write_conn_log(recording, stage.noise)),
        (file, dionaea.encode_lines(lines)),
    )
    late_s = stage.noise.between(10, 60)
    alert = print_siem_alert(DECOY_CONTACT, lesson, (file, number, line.time_ns), late_s, "high")
    return build_simulation(
        story, stage, recording, lesson, files=files, alert=alert, outcome=outcome, values=values
    )

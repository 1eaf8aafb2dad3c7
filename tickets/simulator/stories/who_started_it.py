"""Lesson 1, Who started it: whose packet opened the conversation."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from tickets.engine.types import Outcome
from tickets.simulator.clock import NS_PER_S, to_datetime
from tickets.simulator.dialogues import TcpTalk
from tickets.simulator.messages import ssh
from tickets.simulator.network import Dialogue, Socket, Zone, travel_ns
from tickets.simulator.randomness import Stream
from tickets.simulator.recording import record
from tickets.simulator.sensors import cisco_asa, openssh, suricata_eve
from tickets.simulator.sensors.pcap import write_capture
from tickets.simulator.sensors.suricata_eve import Alarm, Signature
from tickets.simulator.sensors.zeek_conn import write_conn_log
from tickets.simulator.simulation import Simulation, build_simulation, print_siem_alert
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import LINUX, WINDOWS, WINDOWS_XP

BASTION_IP = "192.0.2.10"
LEGACY_AGENTS = (
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)",
    "Mozilla/5.0 (Windows NT 5.1; rv:52.0) Gecko/20100101 Firefox/52.0",
)
ADMINISTRATORS = ("a.moreau", "d.ritter", "j.okafor", "m.keller", "p.novak", "s.lind", "t.baker", "y.sato")
SSH_CLIENTS = ("OpenSSH_9.6p1 Ubuntu-3ubuntu13.8", "OpenSSH_9.2p1 Debian-2+deb12u5", "OpenSSH_9.9")
SSH_SERVER = "OpenSSH_9.2p1 Debian-2+deb12u5"

HIGH_PORT = Signature(
    sid=1900001,
    rev=2,
    message="TRAINING SCAN inbound connection to high port from Internet",
    category="Attempted Information Leak",
    severity=2,
)
SSH_FROM_INTERNET = Signature(
    sid=1900020,
    rev=1,
    message="TRAINING ACCESS SSH from Internet to DMZ",
    category="Misc activity",
    severity=3,
)
RDP_ATTEMPT = Signature(
    sid=1900021,
    rev=1,
    message="TRAINING ACCESS inbound RDP attempt",
    category="Attempted Information Leak",
    severity=2,
)


def play_web_return(stage: Stage) -> Simulation:
    """T001: a workstation with the old client ports reads a web page; the rule fires on the server's packet."""
    reader, site, neighbour, other_site = (
        stage.workstation(WINDOWS_XP),
        stage.web_site(),
        stage.workstation(),
        stage.web_site(),
    )
    agent = stage.names.pick(LEGACY_AGENTS)
    lookup, lesson = stage.visit(reader, site, stage.start_ns, agent)
    before, between, after = stage.moments(3, 20)
    dialogues = [
        lookup,
        lesson,
        *stage.visit(neighbour, other_site, before),
        stage.set_clock(stage.workstation(), stage.time_server, between),
        stage.set_clock(reader if stage.noise.happens(50) else neighbour, stage.time_server, after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.look_up(neighbour, site, after + 300 * MS))
    firewall = stage.firewall()
    recording = record(dialogues, stage.tap("ids-inside", Zone.INSIDE), firewall)
    eve, alert = suricata_eve.write_eve(
        recording, Alarm(signature=HIGH_PORT, dialogue=lesson, packet=1), stage.noise
    )
    assert alert is not None
    lines = cisco_asa.write_asa_log(tuple(dialogues), firewall, stage.noise)
    files = (
        ("capture.pcap", write_capture(recording)),
        (suricata_eve.FILE, eve),
        ("conn.log", write_conn_log(recording, stage.noise)),
        (cisco_asa.FILE, cisco_asa.encode_asa_log(lines)),
    )
    values = {
        "low_port": str(WINDOWS_XP.client_ports[0]),
        "high_port": str(WINDOWS_XP.client_ports[1]),
        "neighbour_ip": neighbour.ip,
        "neighbour_name": neighbour.name,
        "client_user_agent": agent,
    }
    return build_simulation(
        "web_return",
        stage,
        recording,
        lesson,
        files=files,
        alert=alert,
        outcome=Outcome.ESTABLISHED,
        values=values,
    )


def play_bastion_login(stage: Stage) -> Simulation:
    """T003: an administrator logs in to the bastion from home, inside a change window."""
    bastion = stage.server("bastion-1", Zone.DMZ, BASTION_IP, listens=(22,))
    home = stage.stranger(system=LINUX)
    visitor, public_clock = stage.stranger(system=WINDOWS), stage.stranger()
    firewall = stage.firewall((BASTION_IP, 22))
    lesson = _log_in(stage, stage.socket(home), Socket(bastion, 22))
    before, after = stage.moments(2, 25)
    dialogues = [
        lesson,
        stage.read_page(stage.socket(visitor), stage.web_server, before),
        stage.set_clock(bastion, public_clock, after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.look_up(bastion, stage.web_site(), after + 700 * MS))
    recording = record(dialogues, stage.tap("ids-dmz", Zone.DMZ), firewall)
    alarm = Alarm(signature=SSH_FROM_INTERNET, dialogue=lesson, packet=0)
    eve, alert = suricata_eve.write_eve(recording, alarm, stage.noise)
    assert alert is not None
    lines = cisco_asa.write_asa_log(tuple(dialogues), firewall, stage.noise)
    files = (
        ("capture.pcap", write_capture(recording)),
        (suricata_eve.FILE, eve),
        ("conn.log", write_conn_log(recording, stage.noise)),
        (cisco_asa.FILE, cisco_asa.encode_asa_log(lines)),
        (openssh.FILE, openssh.write_auth_log(lesson, stage.noise)),
    )
    return build_simulation(
        "bastion_login",
        stage,
        recording,
        lesson,
        files=files,
        alert=alert,
        outcome=Outcome.ESTABLISHED,
        values=_change_record(stage, lesson.said["user"]),
    )


def _log_in(stage: Stage, client: Socket, server: Socket) -> Dialogue:
    """An SSH session with a public key and some typing; all but the key exchange is opaque."""
    talk = stage.talk(client, server, stage.start_ns)
    chance = stage.noise.child("ssh")
    talk.shake_hands()
    opened_ns = talk.server.free_ns
    talk.say(talk.client, ssh.write_ssh_banner(stage.names.pick(SSH_CLIENTS)), chance.about(2 * MS))
    talk.say(talk.server, ssh.write_ssh_banner(SSH_SERVER), chance.about(6 * MS))
    talk.say(talk.client, ssh.write_ssh_proposal(chance), chance.about(2 * MS))
    talk.say(talk.server, ssh.write_ssh_proposal(chance), chance.about(1 * MS))
    talk.say(talk.client, ssh.write_ssh_key_share(chance), chance.about(2 * MS))
    talk.say(talk.server, ssh.write_ssh_key_reply(chance), chance.about(4 * MS))
    talk.say(talk.client, ssh.write_ssh_new_keys(chance) + chance.take(44), chance.about(3 * MS))
    _type(talk, chance, ((44, 44), (84, 60), (372, 332)), 30 * MS)
    accepted_ns = talk.client.free_ns - travel_ns(client.host, server.host) - 2 * MS
    _type(talk, chance, ((652, 28),), 25 * MS)
    typed = [(36 + 8 * chance.below(3), 36 + 4 * chance.below(90)) for _ in range(chance.between(1, 2))]
    _type(talk, chance, typed, 1_900 * MS)
    talk.part(talk.client, chance.about(900 * MS))
    said = {
        "user": stage.names.pick(ADMINISTRATORS),
        "key": base64.b64encode(stage.names.take(32)).decode().rstrip("="),
        "opened_ns": str(opened_ns),
        "accepted_ns": str(accepted_ns),
        "closed_ns": str(talk.server.last_sent_ns),
    }
    return talk.end("ssh", said)


def _type(talk: TcpTalk, chance: Stream, sizes: Sequence[tuple[int, int]], think_ns: int) -> None:
    for asked, answered in sizes:
        talk.say(talk.client, chance.take(asked), chance.about(think_ns))
        talk.say(talk.server, chance.take(answered), chance.about(7 * MS))


def _change_record(stage: Stage, user: str) -> dict[str, str]:
    """A window of two to four hours around the login, on the half hour."""
    half_hour_ns = 1_800 * NS_PER_S
    opens_ns = (stage.start_ns // half_hour_ns - stage.truth.between(1, 3)) * half_hour_ns
    closes_ns = opens_ns + stage.truth.between(5, 8) * half_hour_ns
    return {
        "admin_user": user,
        "change_number": f"CHG{stage.names.between(30_000, 69_999):07d}",
        "other_change": f"CHG{stage.names.between(10_000, 29_999):07d}",
        "window_start": f"{to_datetime(opens_ns):%H:%M}",
        "window_end": f"{to_datetime(closes_ns):%H:%M}",
    }


def play_knock_at_the_edge(stage: Stage) -> Simulation:
    """T004: an Internet host knocks on a port that the edge firewall does not let through."""
    bastion = stage.server("bastion-1", Zone.DMZ, BASTION_IP, listens=(22,))
    stranger, visitor, late_visitor = stage.stranger(), stage.stranger(system=WINDOWS), stage.stranger()
    firewall = stage.firewall((BASTION_IP, 22))
    lesson = stage.knock(stage.socket(stranger), Socket(bastion, 3389), stage.start_ns, firewall)
    before, between, after = stage.moments(3, 15)
    dialogues = [
        lesson,
        stage.read_page(stage.socket(visitor), stage.web_server, before),
        stage.set_clock(bastion, stage.stranger(), between),
        stage.look_up(stage.web_server, stage.web_site(), between + 900 * MS),
        stage.read_page(stage.socket(late_visitor), stage.web_server, after),
    ]
    if stage.noise.happens(60):
        dialogues.append(stage.set_clock(bastion, stage.stranger(), after + 400 * MS))
    recording = record(dialogues, stage.tap("edge-outside", Zone.OUTSIDE), firewall)
    eve, _ = suricata_eve.write_eve(recording, None, stage.noise)
    lines = cisco_asa.write_asa_log(tuple(dialogues), firewall, stage.noise)
    number, line = next((at, line) for at, line in enumerate(lines, 1) if line.dialogue is lesson)
    files = (
        ("capture.pcap", write_capture(recording)),
        (suricata_eve.FILE, eve),
        ("conn.log", write_conn_log(recording, stage.noise)),
        (cisco_asa.FILE, cisco_asa.encode_asa_log(lines)),
    )
    return build_simulation(
        "knock_at_the_edge",
        stage,
        recording,
        lesson,
        files=files,
        alert=print_siem_alert(
            RDP_ATTEMPT, lesson, (cisco_asa.FILE, number, line.time_ns), stage.noise.between(15, 70), "high"
        ),
        outcome=Outcome.UNANSWERED,
        values={"list_day": f"{stage.names.between(3, 27)} February 2026"},
    )

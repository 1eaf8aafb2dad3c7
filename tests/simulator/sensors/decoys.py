"""A decoy's day: taken, refused, half open, and a connection that it dials because of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from tests.simulator.sensors.scenes import ACK, RST, SYN, S, dialogue, scene, segment
from tickets.simulator.network import Dialogue, Host, Socket, travel_ns
from tickets.simulator.stage import MS


@dataclass(frozen=True)
class Day:
    decoy: Host
    taken: Dialogue
    refused: Dialogue
    half_open: Dialogue
    torn: Dialogue
    dialled: Dialogue
    shell: Dialogue

    @property
    def all(self) -> tuple[Dialogue, ...]:
        return (self.taken, self.refused, self.half_open, self.torn, self.dialled, self.shell)


@cache
def day() -> Day:
    stage, decoy, stranger = scene().stage, scene().decoy, scene().stranger
    start = stage.start_ns
    login = stage.talk(stage.socket(stranger), Socket(decoy, 1433), start)
    login.shake_hands()
    login.say(login.client, b"hello", 2 * MS)
    login.say(login.server, b"welcome", 2 * MS)
    login.part(login.client, 50 * MS)
    taken = login.end("tds", {"logins": "sa\tsa\nsa\tPassw0rd!"})
    out = stage.talk(stage.socket(decoy), Socket(stranger, 80), start + 2 * S)
    out.shake_hands()
    out.say(out.server, b"#!", 2 * MS)
    out.part(out.client, 50 * MS)
    shell = stage.talk(stage.socket(stranger), Socket(decoy, 22), start + 4 * S)
    shell.shake_hands()
    shell.say(shell.client, b"SSH-2.0-Go\r\n", 2 * MS)
    for _ in range(6):
        shell.say(shell.client, b"x" * 64, 300 * MS)
        shell.say(shell.server, b"y" * 64, 5 * MS)
    shell.part(shell.client, 50 * MS)
    return Day(
        decoy=decoy,
        taken=taken,
        refused=stage.knock(stage.socket(stranger), Socket(decoy, 3390), start + S, scene().firewall),
        half_open=_cut_short(decoy, start + 3 * S),
        torn=_torn(decoy, start + 5 * S),
        dialled=replace(out.end(), about=taken),
        shell=shell.end("ssh"),
    )


def _cut_short(decoy: Host, at: int) -> Dialogue:
    client, server = scene().stage.socket(scene().stranger), Socket(decoy, 445)
    way = travel_ns(client.host, server.host)
    return dialogue(
        client,
        server,
        segment(client, server, at, SYN, seq=10),
        segment(server, client, at + way + MS, SYN | ACK, seq=90, ack=11),
        segment(client, server, at + 2 * way + 2 * MS, RST, seq=11),
    )


def _torn(decoy: Host, at: int) -> Dialogue:
    """A session that stood and ended with a reset: taken, not refused."""
    talk = scene().stage.talk(scene().stage.socket(scene().stranger), Socket(decoy, 445), at)
    talk.shake_hands()
    played = talk.end()
    last = played.packets[-1]
    reset = segment(last.src, last.dst, last.sent_ns + MS, RST, seq=talk.client.next_seq)
    return replace(played, packets=(*played.packets, reset))


def skewed(host: Host) -> Host:
    return replace(host, skew_ns=-90 * S)

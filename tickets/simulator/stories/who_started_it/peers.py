"""Peers: one port of ours, many of theirs, and conversations that either side opens."""

from __future__ import annotations

from tickets.engine.types import Endpoint, Outcome
from tickets.simulator.background import play_background
from tickets.simulator.dialogues.udp import play_datagrams
from tickets.simulator.messages import peers
from tickets.simulator.messages.turns import in_turn
from tickets.simulator.network import Dialogue, Socket
from tickets.simulator.simulation import Oddity, Simulation
from tickets.simulator.stage import Stage
from tickets.simulator.telling import OnLine, tell

ID_BYTES = 20
CLIENTS = ("qB4650", "TR4050", "lt20A0", "DE211s")  # programs, as peers name themselves
CALLS_OUT, CALLS_IN = 4, 2  # of each kind, besides the lesson


def play_shared_port(stage: Stage) -> Simulation:
    """T008: a workstation shares files. It calls on peers, and some peers call on it through a door that was forgotten."""
    own = Socket(stage.host("sharer"), stage.number("port"))
    torrent = stage.noise.child("torrent").take(ID_BYTES)
    lesson = _fetch(stage, _port_of_a_peer(stage, "peer"), own, stage.start_ns, torrent)
    moments = iter(stage.moments(2 * (CALLS_OUT + CALLS_IN), 40))
    others: list[Dialogue] = []
    for _ in range(CALLS_OUT):
        others.append(_ask_around(stage, own, _port_of_a_peer(stage), next(moments)))
        others.append(_fetch(stage, own, _port_of_a_peer(stage), next(moments), torrent))
    for _ in range(CALLS_IN):
        others.append(_ask_around(stage, _port_of_a_peer(stage), own, next(moments)))
        others.append(_fetch(stage, _port_of_a_peer(stage), own, next(moments), torrent))
    return tell(
        stage,
        lesson,
        [lesson, *others, *play_background(stage, 7)],
        stage.firewall((own.host.ip, own.port)),
        raised=OnLine(sensor="zeek_conn", dialogue=lesson, late_s=(3, 25)),
        outcome=Outcome.ESTABLISHED,
        oddities=(Oddity.CLIENT_PORT,),
    )


def _port_of_a_peer(stage: Stage, key: str = "") -> Socket:
    return Socket(stage.host(key) if key else stage.stranger(), stage.truth.between(6_881, 64_000))


def _fetch(stage: Stage, caller: Socket, called: Socket, start_ns: int, torrent: bytes) -> Dialogue:
    """Blocks of the torrent over uTP."""
    chance = stage.chance()
    script = peers.talk_utp(torrent, (chance.pick(CLIENTS), chance.pick(CLIENTS)), 1, start_ns, chance)
    return play_datagrams(caller, called, start_ns, script, service="bittorrent", chance=chance)


def _ask_around(stage: Stage, caller: Socket, called: Socket, start_ns: int) -> Dialogue:
    """Two questions to the table of peers: are you there, and whom do you know?"""
    chance = stage.chance()
    caller_id, called_id = chance.take(ID_BYTES), chance.take(ID_BYTES)
    known = [Endpoint(f"203.0.113.{chance.between(5, 250)}", chance.between(6_881, 64_000)) for _ in range(8)]
    pairs = [
        (
            peers.write_dht_query("ping", caller_id, b"pn"),
            peers.write_dht_answer(called_id, b"pn", [], chance),
        ),
        (
            peers.write_dht_query("find_node", caller_id, b"fn", chance.take(ID_BYTES)),
            peers.write_dht_answer(called_id, b"fn", known, chance),
        ),
    ]
    script = in_turn(pairs)
    return play_datagrams(caller, called, start_ns, script, service="bittorrent-dht", chance=chance)

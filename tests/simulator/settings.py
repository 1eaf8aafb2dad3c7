"""A network with a bit of everything, and a day on it, for tests of what sensors show and stories tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from tests.simulator.staging import SEED
from tickets.simulator import CastHost, PlacedTap, Setting, ShownSensor, Signature, Span
from tickets.simulator.clock import NS_PER_S
from tickets.simulator.network import Dialogue, Socket, Zone
from tickets.simulator.scene import Scene
from tickets.simulator.sensors.alarms import Alarm
from tickets.simulator.stage import MS, Stage

SIGN = Signature(sid=1900001, rev=2, message="TRAINING sign", category="Misc activity", severity=3)
SETTING = Setting(
    signature=SIGN,
    severity="high",
    hosts={
        "reader": CastHost(zone=Zone.INSIDE),
        "site": CastHost(zone=Zone.OUTSIDE, listens=(80,)),
        "portal": CastHost(
            zone=Zone.DMZ,
            system="windows_server",
            names=("portal-1",),
            addresses=("192.0.2.10",),
            listens=(443,),
        ),
        "decoy": CastHost(
            zone=Zone.DECOYS, names=("decoy-1",), addresses=("192.0.2.50",), listens=(22, 445, 1433)
        ),
        "stranger": CastHost(zone=Zone.OUTSIDE),
    },
    published=(("portal", 443), ("portal", 3389)),
    taps={
        "edge": PlacedTap(name="ids-edge", zone=Zone.OUTSIDE),
        "inside": PlacedTap(name="ids-inside", zone=Zone.INSIDE),
        "portal": PlacedTap(name="portal-1", zone=Zone.DMZ, host="portal"),
    },
    parameters={"port": ("3389", "8443"), "pages": Span(2, 5)},
)


def set_stage(*sensors: ShownSensor, story: str = "test") -> Stage:
    return Stage(story, SEED, replace(SETTING, sensors=sensors))


def play_day(stage: Stage) -> dict[str, Dialogue]:
    """A page, a refusal, a denial, a login on the decoy what the decoy dialled because of it, a sealed visit."""
    reader, site, decoy = stage.host("reader"), stage.host("site"), stage.host("decoy")
    firewall, start = stage.firewall(), stage.start_ns
    stranger = stage.host("stranger")
    lookup, page = stage.visit(reader, site, start)
    taken = stage.talk(stage.socket(stranger), Socket(decoy, 1433), start + 3 * NS_PER_S)
    taken.shake_hands()
    taken.say(taken.client, b"hello", 2 * MS)
    taken.say(taken.server, b"welcome", 2 * MS)
    taken.part(taken.client, 50 * MS)
    login = taken.end("tds", {"logins": "sa\tsa"})
    shell = stage.knock(stage.socket(stranger), Socket(decoy, 22), start + 4 * NS_PER_S, firewall)
    return {
        "lookup": lookup,
        "page": page,
        "refused": stage.knock(
            stage.socket(stranger), stage.door("portal", 3389), start + NS_PER_S, firewall
        ),
        "denied": stage.knock(
            stage.socket(stranger), stage.door("portal", 445), start + 2 * NS_PER_S, firewall
        ),
        "login": login,
        "shell": shell,
        "portal": stage.talk_sealed(
            stage.socket(stranger), stage.door("portal"), start + 6 * NS_PER_S, [(400, 2_000)]
        ),
        "dialled": replace(stage.read_page(stage.socket(decoy), site, start + 5 * NS_PER_S), about=login),
    }


def make_scene(stage: Stage, alarms: Iterable[tuple[str, int]] = (("page", 1),)) -> Scene:
    played = play_day(stage)
    return Scene(
        dialogues=tuple(played.values()),
        firewall=stage.firewall(),
        taps=stage.taps,
        hosts=stage.hosts,
        alarms=tuple(Alarm(signature=SIGN, dialogue=played[name], packet=packet) for name, packet in alarms),
        chance=stage.noise.child("sensors"),
    )


@cache
def day_scene() -> Scene:
    return make_scene(set_stage())

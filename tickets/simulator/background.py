"""Everyday traffic around a story: a mixed handful, each piece where one of the taps sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tickets.simulator.messages import mail
from tickets.simulator.network import Dialogue, Host, Socket, Tap, Zone
from tickets.simulator.stage import MS, Stage
from tickets.simulator.systems import WINDOWS, WINDOWS_10

Pieces = Sequence[Dialogue]
Everyday = Callable[[Stage, int], Pieces]
SUBJECTS = ("Timetable", "Your order", "Minutes of the meeting", "New opening hours", "Invitation")


def play_background(
    stage: Stage, count: int, *, spread_s: int = 30, zones: Sequence[Zone] = ()
) -> list[Dialogue]:
    """`count` everyday things within `spread_s` seconds of the start, in turn for each of these zones, else for each tap
    of the file. A name looked up before a visit comes on top."""
    chance = stage.noise.child("background")
    kinds = [EVERYDAY[zone] for zone in zones]
    kinds = kinds or [_at_tap(tap) for tap in stage.taps.values()] or [EVERYDAY[Zone.INSIDE]]
    left: list[list[Everyday]] = [[] for _ in kinds]
    dialogues: list[Dialogue] = []
    for number, at_ns in enumerate(stage.moments(count, spread_s)):
        turn = number % len(kinds)
        left[turn] = left[turn] or chance.draw(kinds[turn], len(kinds[turn]))
        dialogues.extend(left[turn].pop()(stage, at_ns))
    return dialogues


def _at_tap(tap: Tap) -> tuple[Everyday, ...]:
    """A host's own card sees its host only: it looks names up and sets its clock."""
    host = tap.host
    if host is None:
        return EVERYDAY[tap.zone]
    return (lambda stage, at_ns: (stage.look_up(host, stage.web_site(), at_ns),)), (
        lambda stage, at_ns: (_set_clock_of(stage, host, at_ns),)
    )


def _set_clock_of(stage: Stage, host: Host, at_ns: int) -> Dialogue:
    """Hosts that the Internet reaches ask outside; the others ask our own server."""
    is_inside = host.zone in (Zone.INSIDE, Zone.SERVERS)
    return stage.set_clock(host, stage.time_server if is_inside else stage.stranger(), at_ns)


def _client(stage: Stage) -> Host:
    return stage.workstation(stage.noise.pick((WINDOWS, WINDOWS_10)))


def _read(stage: Stage, at_ns: int) -> Pieces:
    return stage.visit(_client(stage), stage.web_site(), at_ns)


def _read_sealed(stage: Stage, at_ns: int) -> Pieces:
    return stage.visit_sealed(_client(stage), stage.web_site(), at_ns)


def _look_up(stage: Stage, at_ns: int) -> Pieces:
    return (stage.look_up(_client(stage), stage.web_site(), at_ns),)


def _set_clock(stage: Stage, at_ns: int) -> Pieces:
    return (stage.set_clock(_client(stage), stage.time_server, at_ns),)


def _be_read(stage: Stage, at_ns: int) -> Pieces:
    """Somebody reads our public page."""
    visitor = stage.stranger(system=stage.noise.pick((WINDOWS, WINDOWS_10)))
    return (stage.read_page(stage.socket(visitor), stage.web_server, at_ns),)


def _set_clock_outside(stage: Stage, at_ns: int) -> Pieces:
    return (stage.set_clock(stage.web_server, stage.stranger(), at_ns),)


def _send_mail(stage: Stage, at_ns: int) -> Pieces:
    """The web server sends what it has to tell."""
    chance, exchanger = stage.chance(), stage.stranger()
    number = chance.between(2, 99)
    letter = mail.Letter(
        sender="news@example.org",
        recipient=f"reader{number}@example.net",
        text=f"From: news@example.org\nTo: reader{number}@example.net\nSubject: {chance.pick(SUBJECTS)}\n\nSee our page.\n",
    )
    talk = stage.talk(stage.socket(stage.web_server), Socket(exchanger, 25), at_ns)
    talk.shake_hands()
    talk.play(
        mail.talk_smtp(f"mx{number}.example.net", stage.web_server.name, letter, chance.take(4).hex().upper())
    )
    talk.part(talk.client, chance.about(2 * MS))
    return (talk.end("smtp"),)


def _knock_at_a_decoy(stage: Stage, at_ns: int) -> Pieces:
    """Somebody tries a door of one of the file's decoys, or of a spare one."""
    decoy, client = _decoy(stage), stage.socket(stage.stranger())
    port = stage.noise.pick((23, 445, 5060, 8080, *sorted(decoy.listens)))
    return (stage.knock(client, Socket(decoy, port), at_ns, stage.firewall()),)


def _set_clock_of_a_decoy(stage: Stage, at_ns: int) -> Pieces:
    return (_set_clock_of(stage, _decoy(stage), at_ns),)


def _decoy(stage: Stage) -> Host:
    decoys = [host for host in stage.hosts.values() if host.zone is Zone.DECOYS]
    return stage.noise.pick(decoys) if decoys else stage.server("decoy-9", Zone.DECOYS, "192.0.2.59")


def _look_up_from_the_dmz(stage: Stage, at_ns: int) -> Pieces:
    return (stage.look_up(stage.web_server, stage.web_site(), at_ns),)


EVERYDAY: Mapping[Zone, tuple[Everyday, ...]] = {
    Zone.INSIDE: (_read, _read_sealed, _look_up, _set_clock),
    Zone.SERVERS: (_look_up, _set_clock, _look_up_from_the_dmz),
    Zone.DMZ: (_be_read, _be_read, _set_clock_outside, _send_mail, _look_up_from_the_dmz),
    Zone.OUTSIDE: (_be_read, _read, _read_sealed, _set_clock_outside, _send_mail),
    Zone.DECOYS: (_knock_at_a_decoy, _knock_at_a_decoy, _set_clock_of_a_decoy),
    Zone.DEVICE: (_be_read, _read),
}

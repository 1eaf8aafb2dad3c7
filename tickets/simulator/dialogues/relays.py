"""One request, two conversations: a forward proxy, a reverse proxy, a load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tickets.simulator.dialogues.tcp import TcpTalk
from tickets.simulator.messages.turns import MS
from tickets.simulator.network import Dialogue, Socket
from tickets.simulator.randomness import Stream


class Leg(NamedTuple):
    """Two ends of one conversation."""

    client: Socket
    server: Socket


class Relayed(NamedTuple):
    """A request and its answer, each as it came in and as it was passed on. Where nothing is passed on (a tunnel is
    asked for, a page is forbidden) the relay answers by itself."""

    request: bytes
    passed_on: bytes
    reply: bytes
    passed_back: bytes


def play_relayed(
    near: Leg,
    far: Leg,
    start_ns: int,
    exchanges: Sequence[Relayed],
    chance: Stream,
    *,
    service: str = "http",
    said: dict[str, str] | None = None,
) -> tuple[Dialogue, Dialogue]:
    """The relay is `near.server` and `far.client`. It opens the far leg when the first request has come in, and passes
    an answer back when it has it."""
    front, back = TcpTalk(*near, start_ns, chance.child("near")), None
    front.shake_hands()
    for exchange in exchanges:
        front.say(front.client, exchange.request, chance.about(MS))
        if back is None:
            back = TcpTalk(*far, front.server.free_ns + chance.about(MS), chance.child("far"))
            back.shake_hands()
        back.continue_at(front.server.free_ns)
        if exchange.passed_on:
            back.say(back.client, exchange.passed_on, chance.about(MS // 2))
            back.say(back.server, exchange.reply, chance.about(8 * MS))
        front.continue_at(back.client.last_sent_ns)
        front.say(front.server, exchange.passed_back, chance.about(MS // 2))
    assert back is not None, "a relay without an exchange relays nothing"
    front.part(front.client, chance.about(5 * MS))
    back.continue_at(front.server.last_sent_ns)
    back.part(back.client, chance.about(MS))
    first = front.end(service, said)
    return first, back.end(service, said, about=first)

"""What a payload may be, told from tables, against the recognisers themselves."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.engine.test_applications import SAMPLES
from tickets.engine.applications import Message, Role, recognise
from tickets.engine.applications.marks import MARK_BYTES
from tickets.engine.applications.roles import named_ports
from tickets.engine.bulk.ears import Ear
from tickets.engine.types import Protocol

TRIES = 30


@pytest.mark.parametrize("protocol", [Protocol.TCP, Protocol.UDP])
def test_an_ear_hears_what_the_recognisers_say(protocol: Protocol) -> None:
    chance = random.Random(3)
    messages = [_changed(chance, protocol, data) for data, _ in SAMPLES for _ in range(TRIES)]
    assert _heard(Ear(protocol), messages) == [recognise(protocol, message) for message in messages]


def _changed(chance: random.Random, protocol: Protocol, data: bytes) -> Message:
    """A known message, or a part of it, with some of its first bytes changed, between ports of any kind."""
    changed = bytearray(data[: chance.choice([len(data), len(data), chance.randint(1, len(data))])])
    for _ in range(chance.choice([0, 0, 1, 2])):
        changed[chance.randrange(min(len(changed), MARK_BYTES))] = chance.choice(b"\0\1\3 -1AZaz\x80\xc0\xff")
    ports = [*sorted(named_ports(protocol)), 40000, 50000]
    return Message(
        bytes(changed), len(changed) + chance.choice([0, 0, 9]), chance.choice(ports), chance.choice(ports)
    )


def _heard(ear: Ear, messages: list[Message]) -> list[Role | None]:
    heads = np.array([list(message.data.ljust(MARK_BYTES, b"\x20")[:MARK_BYTES]) for message in messages])
    held = np.array([len(message.data) for message in messages])
    ports = np.array([message[2:] for message in messages]).T
    heard = ear.hear(heads.astype(np.uint8), held, (ports[0], ports[1]))
    roles: list[Role | None] = [None] * len(messages)
    for role, places in heard.marked:
        for place in places.tolist():
            roles[place] = role
    for place, words in zip(heard.unknown.tolist(), heard.words, strict=True):
        roles[place] = ear.recognise(words, messages[place])
    return roles

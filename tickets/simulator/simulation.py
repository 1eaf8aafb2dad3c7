"""A simulation: the evidence files of one variant, its alert, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tickets.engine.types import Alert, Endpoint, Outcome, Protocol, Reversed
from tickets.simulator.network import Hears, Tap

SIMULATOR_VERSION = "2.0.0"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so because the story made it so. For quality checks only; no trainee sees it.

    Where nobody opened a conversation (answers to packets that a third party forged) there is no opener: `orig` is
    then who spoke first, and no evidence can settle the sides."""

    protocol: Protocol
    orig: Endpoint
    resp: Endpoint
    outcome: Outcome
    reversed: Reversed
    has_opener: bool = True


class Oddity(StrEnum):
    """Something that a story does to its evidence on purpose, so that the quality checks make allowance for it.
    The scenario's notes must state it: what nobody could know is no lesson."""

    CAPTURE_GAP = "capture_gap"  # packets that passed are not recorded: a gap, a late start, a restart
    ONE_WAY_TAP = "one_way_tap"  # the tap hears one side only
    CLIENT_PORT = "client_port"  # a client takes ports outside its system's range
    TTL = "ttl"  # somebody else answers in a host's name, or routes change
    CLOCK = "clock"  # a sensor's clock is wrong, or prints another zone
    LATE_LOG = "late_log"  # lines are written or alerts raised long after the fact


class SimulatedFile(NamedTuple):
    """An evidence file as a sensor left it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Simulation:
    """One story played with one seed.

    `files` stand in the order in which a desk shows them. `values` fill the placeholders
    of the scenario file. `surface` is a fingerprint of what a trainee would recognise again. `oddities` are
    those that the story means.
    """

    story: str
    files: tuple[SimulatedFile, ...]
    alert: Alert
    values: dict[str, str]
    truth: Truth
    surface: str
    oddities: frozenset[Oddity] = frozenset()


def oddities_of(tap: Tap) -> frozenset[Oddity]:
    found = {
        Oddity.CAPTURE_GAP: bool(tap.blind or tap.restarts_ns),
        Oddity.ONE_WAY_TAP: tap.hears is not Hears.BOTH,
    }
    return frozenset(oddity for oddity, is_so in found.items() if is_so)
